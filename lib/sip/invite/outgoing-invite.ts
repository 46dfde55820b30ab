import { SafeEmitter, SipflowError, type TimerHandle } from '../../common';
import { answerChallenge, AuthScope, permittedOf, type AuthExchange, type AuthHeader } from '../auth';
import type { SipContext } from '../dialog/context';
import type { AgentDialog, InviteClient } from '../transaction/user-agent';
import { localOutcome, unsent, type FinalOutcome } from '../transaction/outcomes';
import { Dialog } from '../dialog/dialog';
import { InviteAttempt, type InviteAttemptHost } from './attempt';
import { inviteCaller, type InviteCaller } from './caller';
import { endForks } from './late-fork';
import { isReliable, OutgoingFork } from './outgoing-fork';
import type { FailOver } from '../locate';
import { extraHeaderFields, safeFields, type HeaderField } from '../message/extra-headers';
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
export class OutgoingInviteCall
  extends SafeEmitter<OutgoingInviteEvents>
  implements OutgoingInvite, InviteAttemptHost
{
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly #fromTag = randomToken();
  readonly #fields: HeaderField[];
  readonly #caller: InviteCaller | undefined;
  /** Mostly one; the user agent limits their number. */
  #forks: readonly OutgoingFork[] = [];
  readonly #scope: AuthScope;
  readonly #auth: AuthExchange;
  readonly #origin: Exclude<DialogOrigin, 'peer'>;
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
    if (!dialled?.isName) return;
    const uri = parseSipUri(this.options.target);
    if (uri && dialled.isNamedBy(uri)) dialled.learn([destination]);
  }

  /** There is nowhere to send it to. */
  unreachable(fault: SipflowError): void {
    if (!this.#settled) this.#fail(unsent(fault));
  }

  #send(credentials: readonly AuthHeader[]): void {
    const { target, body } = this.options;
    const attempt = new InviteAttempt(this, credentials, endForks(this.context, this.#scope, this.#origin));
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
          ...credentials,
        ],
        body,
        routes: this.context.serviceRoute(),
        maxForwards: this.options.maxForwards,
        destination: this.#destination as Peer,
      },
      attempt,
    );
    this.#client = client;
    const patienceMs = this.#failOver?.patienceMs(this.context.failOverMs);
    if (patienceMs !== undefined) this.#watch(attempt, client, patienceMs);
  }

  /**
   * Leaves a destination that says nothing for the next one, well before Timer B would (RFC 3263, 4.3, lets us
   * choose). Should it answer later, what it makes of the INVITE is cancelled, and a 2xx is ended.
   */
  #watch(attempt: InviteAttempt, client: InviteClient, patienceMs: number): void {
    this.#silenceTimer = this.context.clock.setTimeout(() => {
      attempt.left = true;
      client.cancel();
      this.#triedNext(localOutcome(408, 'timeout'));
    }, patienceMs);
  }

  heard(): void {
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
    this.heard();
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

  progressed(response: SipResponse, core: AgentDialog | undefined): void {
    const looking = this.#lookUp(response);
    if (!looking) this.#progressed(response, core);
    else void looking.then(() => this.#client && this.#progressed(response, core));
  }

  accepted(response: SipResponse, core: AgentDialog, attempt: InviteAttempt): Promise<void> | undefined {
    const looking = this.#lookUp(response);
    if (looking) return looking.then(() => this.#client && this.#accepted(response, core, attempt));
    this.#accepted(response, core, attempt);
    return undefined;
  }

  /**
   * A response is handled when the host names in its offer are known; what comes after it from the same peer waits too.
   * The endpoint may have been closed meanwhile, and there is no `#client` then.
   */
  #lookUp(response: SipResponse): Promise<void> | undefined {
    return this.options.body ? undefined : this.options.lookUp?.(response.toInfo());
  }

  #progressed(response: SipResponse, core: AgentDialog | undefined): void {
    if (this.#settled) return;
    const fork = this.#forkOf(response);
    if (core && !fork.early) {
      fork.early = this.#dialog(core, fork);
      this.emit('early', fork.early);
    }
    if (core && isReliable(response)) {
      fork.early?.prack(response, this.#lateAnswer(response, fork));
      if (response.body) fork.described = true;
    }
    if (fork.isNews(response)) this.emit('progress', response.toInfo());
  }

  #accepted(response: SipResponse, core: AgentDialog, { credentials, left }: InviteAttempt): void {
    const fork = this.#forkOf(response);
    const dialog = fork.early ?? this.#dialog(core, fork);
    fork.early = undefined;
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
    const fields =
      credentials.length > 0
        ? permittedOf(credentials, this.context.trust.within(core, this.#origin))
        : credentials;
    core.ack({ body: this.#lateAnswer(response, fork), fields });
    dialog.offers.heardOf(info.headers);
    dialog.session.answered(info.headers);
    this.#settle();
    this.emit('answered', info, dialog);
  }

  /** The answer to an offer that a 2xx or a reliable provisional response carries, when our INVITE had none. */
  #lateAnswer(response: SipResponse, fork: OutgoingFork): MessageBody | undefined {
    if (this.options.body || !response.body || fork.lateAnswered) return undefined;
    fork.lateAnswered = true;
    try {
      return this.options.answerLateOffer?.(response.toInfo());
    } catch (error) {
      // ACK and PRACK must go out whatever the flow makes of the offer; the call then has no media.
      process.emitWarning(error instanceof Error ? error : String(error), { type: 'SipflowListenerFault' });
      return undefined;
    }
  }

  failed(outcome: FinalOutcome): void {
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

  #forkOf({ toTag = '' }: SipResponse): OutgoingFork {
    const known = this.#forks.find(({ tag }) => tag === toTag);
    if (known) return known;
    const fork = new OutgoingFork(toTag, this.options.body !== undefined);
    this.#forks = this.#forks.concat([fork]);
    return fork;
  }

  /** A dialog of this INVITE knows the realms that challenged it. */
  #dialog(core: AgentDialog, fork: OutgoingFork): Dialog {
    const dialog = new Dialog(this.context, core, fork, this.#scope, this.#session, this.#origin);
    dialog.offers.described(this.options.body);
    return dialog;
  }

  #fail({ info, origin }: FinalOutcome): void {
    this.#settle();
    this.emit('failed', info, origin);
  }

  #settle(): void {
    this.#settled = true;
    this.heard();
    this.context.clock.clearTimeout(this.#cancelTimer);
    this.#closeEarly();
    for (const fork of this.#forks) fork.forget();
    this.#forks = [];
    this.onSettled();
  }

  #closeEarly(): void {
    for (const fork of this.#forks) {
      fork.early?.close();
      fork.early = undefined;
    }
  }
}
