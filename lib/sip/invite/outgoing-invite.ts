import { SafeEmitter, SipflowError, type TimerHandle } from '../../common';
import { answerChallenge, AuthScope, permittedOf, type AuthExchange, type AuthHeader } from '../auth';
import type { SipContext } from '../dialog/context';
import type { AgentDialog, InviteClient } from '../transaction/user-agent';
import { localOutcome, unsent, type FinalOutcome } from '../transaction/outcomes';
import { Dialog } from '../dialog/dialog';
import type { DialogOwner } from '../dialog/owner';
import { inviteCaller, type InviteCaller } from './caller';
import { endForks } from './late-fork';
import type { FailOver } from '../locate';
import { extraHeaderFields, safeFields, type HeaderField } from '../message/extra-headers';
import { hasOptionTag } from '../message/option-tags';
import type { SipResponse } from '../message/sip-message';
import { isSipScheme, parseSipUri } from '../message/uri';
import { raisedPolicy, requestHeaders, type SessionPolicy } from '../session-timer';
import { randomToken } from '../message/tokens';
import type { Peer } from '../transport/transport';
import type { DialogOrigin } from '../trust';
import type {
  ExtraHeaders,
  MessageBody,
  OutgoingInvite,
  OutgoingInviteEvents,
  OutgoingInviteOptions,
} from '../types';

/** An INVITE of ours from its first transmission to the dialog or the failure that comes of it. */
export class OutgoingInviteCall extends SafeEmitter<OutgoingInviteEvents> implements OutgoingInvite {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly #fromTag = randomToken();
  readonly #fields: HeaderField[];
  readonly #caller: InviteCaller | undefined;
  /** Early dialogs by To tag: one per fork (RFC 3261, 12.1). */
  readonly #early = new Map<string, Dialog>();
  /** Last 18x of each fork, to tell a repetition from news. */
  readonly #lastProgress = new Map<string, string>();
  readonly #scope: AuthScope;
  readonly #auth: AuthExchange;
  /** Forks that have sent a session description reliably, which makes offer and answer complete. */
  #described: readonly string[] = [];
  readonly #origin: Exclude<DialogOrigin, 'peer'>;
  /** Forks whose late offer has its answer already. */
  readonly #lateAnswered: string[] = [];
  #client: InviteClient | undefined;
  #destination: Peer | undefined;
  #failOver: FailOver | undefined;
  #cseq = 1;
  /** Raised by a 422. */
  #session: SessionPolicy;
  #cancelTimer: TimerHandle | undefined;
  #silenceTimer: TimerHandle | undefined;
  #cancelled = false;
  #settled = false;

  /**
   * @param onSettled called once, when the INVITE is answered, has failed, or is given up
   * @throws SipflowError BAD_TARGET for a target that is no SIP URI, BAD_CONFIG for a header that SIPFLOW sets
   */
  constructor(
    private readonly context: SipContext,
    private readonly options: OutgoingInviteOptions,
    private readonly onSettled: () => void,
  ) {
    super();
    const target = parseSipUri(options.target);
    if (!target || !isSipScheme(target.scheme)) {
      throw new SipflowError('BAD_TARGET', `"${options.target}" is not a SIP URI: use sip:user@host.`);
    }
    this.callId = options.callId ?? randomToken();
    this.#caller =
      options.caller && inviteCaller(context.identity, options.caller, context.credentials !== undefined);
    this.from = this.#caller?.from.uri ?? context.identity.uri;
    this.to = options.target;
    this.#session = context.sessionPolicy;
    this.#fields = extraHeaderFields(options.headers);
    this.#scope = new AuthScope(context.credentials);
    const { dialled = options.target } = options;
    this.#origin = { dialled: dialled === null ? undefined : context.trust.dialled(dialled) };
    this.#auth = this.#scope.begin(
      { method: 'INVITE', uri: options.target, body: options.body?.content ?? '' },
      () => this.trusted,
    );
  }

  get localTag(): string {
    return this.#fromTag;
  }

  get trusted(): boolean {
    const { trust } = this.context;
    return this.#destination !== undefined && trust.mayGo(this.#destination, this.#origin.dialled);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /**
   * Sends the INVITE. What follows is told by events, never before this function has returned.
   *
   * @param failOver further destinations, when DNS has named several
   */
  start(destination: Peer, failOver?: FailOver): void {
    if (this.#settled) return;
    this.#goTo(destination);
    this.#failOver = failOver;
    this.#send(this.#auth.headers);
  }

  #goTo(destination: Peer): void {
    this.#destination = destination;
    const { dialled } = this.#origin;
    const uri = parseSipUri(this.options.target);
    if (uri && dialled?.isNamedBy(uri)) dialled.learn([destination]);
  }

  /** There is nowhere to send it to. */
  unreachable(fault: SipflowError): void {
    if (!this.#settled) this.#fail(unsent(fault));
  }

  #send(credentials: readonly AuthHeader[]): void {
    const { target, body } = this.options;
    /** Whether the call has gone on to another destination. */
    const way = { left: false };
    const heard = (): void => {
      if (!way.left) this.#stopWatching();
    };
    const client = this.context.agent.invite(
      {
        target,
        callId: this.callId,
        fromTag: this.#fromTag,
        cseq: this.#cseq,
        from: this.#caller?.from,
        fields: [
          ...this.#fields,
          ...this.#identity(),
          ...(this.#session.asks ? requestHeaders(this.#session) : []),
          ...credentials.map(([name, value]): HeaderField => [name, value]),
        ],
        body,
        routes: this.context.serviceRoute(),
        maxForwards: this.options.maxForwards,
        destination: this.#destination as Peer,
      },
      {
        trying: heard,
        progress: (response, dialog) => {
          heard();
          if (!way.left) void this.#inTurn(response, () => this.#progressed(response, dialog));
        },
        accepted: (response, dialog) => {
          heard();
          return this.#inTurn(response, () => this.#accepted(response, dialog, credentials, way.left));
        },
        failed: (outcome) => {
          heard();
          if (!way.left) this.#failed(outcome);
        },
        endFork: endForks(this.context, this.#scope, this.#origin),
      },
    );
    this.#client = client;
    const patienceMs = this.#failOver?.patienceMs(this.context.failOverMs);
    if (patienceMs !== undefined) this.#watch(way, client, patienceMs);
  }

  /**
   * Leaves a destination that says nothing for the next one, well before Timer B would (RFC 3263, 4.3, lets us
   * choose). Should it answer later, what it makes of the INVITE is cancelled, and a 2xx is ended.
   */
  #watch(way: { left: boolean }, client: InviteClient, patienceMs: number): void {
    this.#silenceTimer = this.context.clock.setTimeout(() => {
      way.left = true;
      client.cancel();
      this.#triedNext(localOutcome(408, 'timeout'));
    }, patienceMs);
  }

  #stopWatching(): void {
    this.context.clock.clearTimeout(this.#silenceTimer);
  }

  /** Identity fields of the caller, as far as the destination may know them. */
  #identity(): HeaderField[] {
    const destination = this.#destination;
    if (!this.#caller || !destination) return [];
    return this.#caller.fields(this.context.trust.vouchesFor(destination, false), this.#fields);
  }

  cancel(headers?: ExtraHeaders): void {
    if (this.#settled || this.#cancelled) return;
    this.#cancelled = true;
    this.#stopWatching();
    if (!this.#client) {
      // Its destination is still being looked up.
      queueMicrotask(() => this.#fail(localOutcome(487, 'remote')));
      return;
    }
    this.#client.cancel(safeFields(headers));
    this.#cancelTimer = this.context.clock.setTimeout(
      () => this.abandon(),
      this.context.clock.transactionTimeout,
    );
  }

  /** For the end of the endpoint: nothing is awaited any longer. */
  abandon(): void {
    if (this.#settled) return;
    this.#client?.dispose();
    this.#client = undefined;
    this.#fail(localOutcome(487, 'timeout'));
  }

  /**
   * Handles a response when the host names in its offer are known; what comes after it from the same peer waits too.
   */
  #inTurn(response: SipResponse, handle: () => void): Promise<void> | undefined {
    const looking = this.options.body ? undefined : this.options.lookUp?.(response.toInfo());
    if (!looking) {
      handle();
      return undefined;
    }
    return looking.then(() => {
      // The endpoint may have been closed meanwhile.
      if (this.#client) handle();
    });
  }

  #progressed(response: SipResponse, core: AgentDialog | undefined): void {
    if (this.#settled) return;
    const tag = response.toTag ?? '';
    if (core && !this.#early.has(tag)) {
      const dialog = this.#dialog(core);
      this.#early.set(tag, dialog);
      this.emit('early', dialog);
    }
    if (core && isReliable(response)) {
      this.#early.get(tag)?.prack(response, this.#lateAnswer(response));
      if (response.body) this.#described = [...this.#described, tag];
    }
    const news = [response.status, response.headers.first('RSeq') ?? '', response.body?.content ?? ''].join(
      '\n',
    );
    if (this.#lastProgress.get(tag) === news) return;
    this.#lastProgress.set(tag, news);
    this.emit('progress', response.toInfo());
  }

  /** @param left whether the call has gone on to another destination */
  #accepted(
    response: SipResponse,
    core: AgentDialog,
    credentials: readonly AuthHeader[],
    left: boolean,
  ): void {
    const tag = response.toTag ?? '';
    const dialog = this.#early.get(tag) ?? this.#dialog(core);
    this.#early.delete(tag);
    dialog.confirm();
    if (left || this.#settled || this.#cancelled || dialog.ended) {
      // The answer crossed our CANCEL (RFC 3261, 15), or the peer has ended its early dialog, which it must not.
      core.ack();
      void dialog.bye();
      if (!left && !this.#settled) this.#fail(localOutcome(487, 'remote'));
      return;
    }
    const info = response.toInfo();
    this.#auth.succeeded(info.headers);
    // An ACK cannot be challenged: it repeats the credentials of the INVITE (RFC 3261, 22.1), if it goes to the same.
    const fields = permittedOf(credentials, this.context.trust.within(core, this.#origin));
    core.ack({ body: this.#lateAnswer(response), fields });
    dialog.offers.heardOf(info.headers);
    dialog.session.answered(info.headers);
    this.#settle();
    this.emit('answered', info, dialog);
  }

  /** The answer to an offer that a 2xx or a reliable provisional response carries, when our INVITE had none. */
  #lateAnswer(response: SipResponse): MessageBody | undefined {
    const tag = response.toTag ?? '';
    if (this.options.body || !response.body || this.#lateAnswered.includes(tag)) return undefined;
    this.#lateAnswered.push(tag);
    try {
      return this.options.answerLateOffer?.(response.toInfo());
    } catch (error) {
      // ACK and PRACK must go out whatever the flow makes of the offer; the call then has no media.
      process.emitWarning(error instanceof Error ? error : String(error), { type: 'SipflowListenerFault' });
      return undefined;
    }
  }

  #failed(outcome: FinalOutcome): void {
    if (this.#settled) return;
    const decision = this.#cancelled ? undefined : answerChallenge(this.#auth, outcome.response);
    if (decision?.kind === 'retry') {
      this.#closeEarly();
      this.#cseq++;
      this.#send(decision.headers);
      return;
    }
    const raised =
      outcome.info.status === 422 && !this.#cancelled && raisedPolicy(this.#session, outcome.info.headers);
    if (raised) {
      this.#session = raised;
      this.#again();
      return;
    }
    if (this.#triedNext(outcome)) return;
    if (decision) outcome.info.diagnosis = decision.error.message;
    const givenUp = this.#cancelled && outcome.origin !== 'remote';
    this.#fail(givenUp ? localOutcome(487, outcome.origin) : outcome);
  }

  /** RFC 3263, 4.3: the next destination gets its chance when this one was not there or sent us away. */
  #triedNext({ origin, info }: FinalOutcome): boolean {
    if (this.#cancelled || (origin === 'remote' && info.status !== 503)) return false;
    const next = this.#failOver?.failed();
    if (!next) return false;
    this.#goTo(next);
    this.#again();
    return true;
  }

  /** Sends the INVITE once more, as a new request (RFC 3261, 8.1.3.5). */
  #again(): void {
    this.#closeEarly();
    this.#cseq++;
    this.#send(this.#auth.headers);
  }

  /** A dialog of this INVITE knows the realms that challenged it. */
  #dialog(core: AgentDialog): Dialog {
    const tag = core.remoteTag;
    const owner: DialogOwner = {
      caller: true,
      openOffer: () => {
        if (this.#described.includes(tag)) return undefined;
        return this.options.body ? 'ours' : 'theirs';
      },
    };
    const dialog = new Dialog(this.context, core, owner, this.#scope, this.#session, this.#origin);
    dialog.offers.described(this.options.body);
    return dialog;
  }

  #fail({ info, origin }: FinalOutcome): void {
    this.#settle();
    this.emit('failed', info, origin);
  }

  #settle(): void {
    this.#settled = true;
    this.#stopWatching();
    this.context.clock.clearTimeout(this.#cancelTimer);
    this.#closeEarly();
    this.onSettled();
  }

  #closeEarly(): void {
    for (const dialog of this.#early.values()) dialog.close();
    this.#early.clear();
  }
}

/** Whether a provisional response asks for PRACK (RFC 3262, 4). */
function isReliable({ headers }: SipResponse): boolean {
  return headers.has('RSeq') && hasOptionTag(headers, 'Require', '100rel');
}
