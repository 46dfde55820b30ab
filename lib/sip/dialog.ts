import { SafeEmitter } from '../common/emitter';
import { answerChallenge, AuthScope } from './auth';
import type { SipContext } from './context';
import type { CoreDialog } from './core-adapter/core-dialog';
import type { CoreRequest } from './core-adapter/core-messages';
import type { ReInviteServer } from './core-adapter/core-server';
import type { RequestServer } from './transaction/server-requests';
import { localOutcome, type FinalOutcome } from './core-adapter/outcomes';
import { defaultAnswer, sessionFields } from './default-answers';
import { DialogRequest } from './dialog-request';
import { extraHeaderFields, safeFields, type HeaderField } from './message/extra-headers';
import type { ResponseOptions } from './message/serialise';
import type { SipRequest, SipResponse } from './message/sip-message';
import { DialogSession } from './session-timer';
import { timerSettings, transactionTimeout } from './reliability/timer-settings';
import type { Peer } from './transport/transport';
import type {
  AckResult,
  DialogEvents,
  DialogRequestOptions,
  ExtraHeaders,
  Headers,
  MessageBody,
  SipDialog,
  SipRequestInfo,
  SipResponseInfo,
} from './types';

/** `ending`: our BYE is not answered yet. */
export type DialogState = 'early' | 'confirmed' | 'ending' | 'ended';

/** What the INVITE that made an early dialog wants to know of it. */
export interface EarlyDialogOwner {
  /** The caller ended the early dialog with BYE instead of CANCEL. */
  earlyBye(): void;
  /** PRACK; the owner answers it. */
  prack(server: RequestServer): void;
}

/** One dialog: its requests in both directions, and its end. */
export class Dialog extends SafeEmitter<DialogEvents> implements SipDialog {
  #state: DialogState = 'early';
  #bye: Promise<void> | undefined;
  /** Sends the BYE that waits for the ACK to our 2xx. */
  #sendBye: (() => void) | undefined;
  #byeDone: (() => void) | undefined;
  #acknowledge: ((result: AckResult) => void) | undefined;
  /** Requests that wait for our answer, or re-INVITEs that wait for the ACK to it. */
  readonly #open = new Set<DialogRequest>();
  /** INVITEs that wait until the one before them is through. */
  readonly #queue: (() => void)[] = [];
  #offerOut = false;
  /** Its timer runs from the 2xx on. */
  readonly session: DialogSession;
  /** Our last SDP, which a re-INVITE repeats that only refreshes the session. */
  #description: MessageBody | undefined;
  /** Whether the peer takes UPDATE, which refreshes without an offer. */
  #takesUpdate = false;

  constructor(
    private readonly context: SipContext,
    private readonly core: CoreDialog,
    private readonly owner?: EarlyDialogOwner,
    private readonly auth = new AuthScope(context.credentials),
    policy = context.sessionPolicy,
  ) {
    super();
    this.session = new DialogSession({
      clock: context.clock,
      policy,
      onRefresh: () => void this.#refresh(),
      onExpired: () => this.#break('the session expired: nobody has refreshed it in time', true),
    });
    context.dialogs.set(core.id, this);
    core.listen({
      acknowledged: (ack) => this.#acknowledged({ acknowledged: true, ...(ack.body && { body: ack.body }) }),
      ackOverdue: () => this.#ackOverdue(),
      reInvite: (server) => this.#reInvited(server),
    });
  }

  get callId(): string {
    return this.core.callId;
  }

  get localTag(): string {
    return this.core.localTag;
  }

  get remoteTag(): string {
    return this.core.remoteTag;
  }

  get remoteTarget(): string {
    return this.core.remoteTarget;
  }

  get state(): DialogState {
    return this.#state;
  }

  /** Whether our INVITE made this dialog; only then it has no owner that rings. */
  get isCaller(): boolean {
    return this.owner === undefined;
  }

  get ended(): boolean {
    return this.#state === 'ending' || this.#state === 'ended';
  }

  /** Whether the peer has called us. */
  get begunByPeer(): boolean {
    return this.owner !== undefined;
  }

  /** A 2xx made the dialog whole. */
  confirm(): void {
    if (this.#state === 'early') this.#state = 'confirmed';
  }

  /** We have sent this session description. */
  described(body: MessageBody | undefined): void {
    if (body) this.#description = body;
  }

  /** Notes what the peer can do, from its INVITE or a 2xx. */
  heardOf(headers: Headers): void {
    const allow = headers['Allow'];
    if (allow) this.#takesUpdate = allow.some((value) => /\bUPDATE\b/i.test(value));
  }

  /** Our 2xx is out: resolves with its ACK. */
  awaitAck(): Promise<AckResult> {
    return new Promise((resolve) => (this.#acknowledge = resolve));
  }

  bye(headers?: ExtraHeaders): Promise<void> {
    if (this.#state === 'ended') return Promise.resolve();
    return (this.#bye ??= this.#startBye(headers));
  }

  /** For the end of the endpoint: sends a BYE that waits for the ACK now. */
  hurry(): void {
    this.#sendBye?.();
  }

  request(method: string, options: DialogRequestOptions = {}): Promise<SipResponseInfo> {
    return new Promise((resolve) => {
      const fields = extraHeaderFields(options.headers);
      const send = (): void => {
        if (this.ended) resolve(localOutcome(481, 'remote').info);
        else this.#send(method, { ...options, fields }, resolve);
      };
      // One INVITE at a time in a dialog (RFC 3261, 14.1), and none before the ACK to our 2xx.
      if (method === 'INVITE' && !this.ended && this.#inviteBusy) this.#queue.push(send);
      else send();
    });
  }

  /**
   * Acknowledges a reliable provisional response (RFC 3262, 4).
   *
   * @param body the answer, when the response carried the offer
   */
  prack(response: SipResponse, body: MessageBody | undefined): void {
    const { cseq, headers } = response;
    const rack: HeaderField = ['RAck', `${headers.first('RSeq')} ${cseq.number} ${cseq.method}`];
    this.#send('PRACK', { fields: [rack], body }, () => undefined);
  }

  /** Takes a request that belongs to this dialog. */
  receive(request: SipRequest, source: Peer, key: string): void {
    const { method } = request;
    const message = this.context.agent.wrap(request, source, key);
    if (this.ended) {
      this.#receiveAfterEnd(message, request, source);
      return;
    }
    if (method === 'ACK' || method === 'INVITE') {
      this.core.receiveInvite(message);
      return;
    }
    if (method === 'UPDATE' && request.body) {
      const glare = this.#updateGlare();
      if (glare) {
        this.context.answer(request, source, glare);
        return;
      }
    }
    const server = this.core.receive(message);
    if (server) this.#requested(server);
  }

  /** Sends a request, again with credentials when it is challenged, and resolves with what comes of it. */
  #send(
    method: string,
    options: DialogRequestOptions & { fields: HeaderField[] },
    resolve: (response: SipResponseInfo) => void,
  ): void {
    const { body } = options;
    const refresh = method === 'INVITE' || method === 'UPDATE';
    const auth = this.auth.begin({ method, uri: this.core.remoteTarget, body: body?.content ?? '' });
    const attempt = (): void => {
      const fields = [
        ...options.fields,
        ...(refresh ? this.session.requestFields() : []),
        ...auth.headers.map(([name, value]): HeaderField => [name, value]),
      ];
      if (refresh) this.#offerOut = true;
      if (method !== 'INVITE') {
        const cseq = this.core.request(method, { fields, body }, { final });
        options.onSent?.(cseq);
        return;
      }
      const accepted = (response: SipResponse) => options.answerLateOffer?.(response.toInfo());
      this.core.reInvite({ fields, body }, { accepted, final });
    };
    const final = ({ info, response }: FinalOutcome): void => {
      if (refresh) this.#offerOut = false;
      const decision = this.ended ? undefined : answerChallenge(auth, response);
      if (decision?.kind === 'retry') {
        attempt();
        return;
      }
      if (refresh && info.status === 422 && !this.ended && this.session.raise(info.headers)) {
        attempt();
        return;
      }
      if (decision) info.diagnosis = decision.error.message;
      if (info.status < 300) {
        auth.succeeded(info.headers);
        if (refresh) this.#refreshed(info, body);
      }
      resolve(info);
      this.#judge(method, info.status);
      this.#pump();
    };
    attempt();
  }

  /** A 2xx to our INVITE or UPDATE. */
  #refreshed(info: SipResponseInfo, body: MessageBody | undefined): void {
    this.described(body);
    this.heardOf(info.headers);
    this.session.answered(info.headers);
  }

  /** It is our turn to refresh the session (RFC 4028, 7.4): a repeated offer changes nothing. */
  async #refresh(): Promise<void> {
    const update = this.#takesUpdate || !this.#description;
    const { status } = await this.request(update ? 'UPDATE' : 'INVITE', {
      ...(!update && this.#description && { body: this.#description }),
    });
    if (status >= 300) this.session.refreshFailed(status);
  }

  get #inviteBusy(): boolean {
    return this.core.awaitingAck || this.core.reInviting;
  }

  /** Sends the next INVITE that waited for another one to end. */
  #pump(): void {
    if (this.ended || !this.#inviteBusy) this.#queue.shift()?.();
  }

  #receiveAfterEnd(message: CoreRequest, request: SipRequest, source: Peer): void {
    if (request.method === 'ACK') {
      // The ACK that our BYE waits for.
      if (this.#sendBye) this.core.receiveInvite(message);
      return;
    }
    // Our BYE may cross the peer's (RFC 5407, 3.1.3).
    this.context.answer(request, source, { status: request.method === 'BYE' ? 200 : 481 });
    if (request.method === 'BYE' && this.#sendBye) this.close();
  }

  /** Ends the dialog without a message: nothing that still arrives for it is answered by it. */
  close(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#sendBye = undefined;
    this.session.stop();
    this.context.dialogs.delete(this.core.id);
    this.#settleOpen();
    this.#acknowledge?.({ acknowledged: false });
    this.#acknowledge = undefined;
    this.core.dispose();
    this.#byeDone?.();
  }

  /** Ends the dialog without a message, and tells it. */
  fail(reason: string): void {
    if (this.#state === 'ended') return;
    this.close();
    this.emit('broken', reason);
  }

  #startBye(headers: ExtraHeaders | undefined): Promise<void> {
    const fields = safeFields(headers);
    this.#state = 'ending';
    this.session.stop();
    this.#settleOpen();
    return new Promise((resolve) => {
      this.#byeDone = () => {
        this.context.clock.clearTimeout(timer);
        resolve();
      };
      const timer = this.context.clock.setTimeout(this.#byeDone, transactionTimeout());
      this.#sendBye = () => {
        this.#sendBye = undefined;
        const auth = this.auth.begin({ method: 'BYE', uri: this.core.remoteTarget });
        const withCredentials = (): HeaderField[] => [
          ...fields,
          ...auth.headers.map(([name, value]): HeaderField => [name, value]),
        ];
        const final = ({ response }: FinalOutcome): void => {
          if (answerChallenge(auth, response)?.kind === 'retry') {
            this.core.request('BYE', { fields: withCredentials() }, { final });
          } else {
            this.close();
          }
        };
        this.core.bye({ fields: withCredentials() }, { final });
      };
      // Until the ACK to our 2xx is in, the peer may not even know the dialog (RFC 3261, 15).
      if (!this.core.awaitingAck) this.#sendBye();
    });
  }

  #acknowledged(result: AckResult): void {
    if (this.#acknowledge) {
      this.#acknowledge(result);
      this.#acknowledge = undefined;
    } else {
      for (const open of this.#open) if (open.request.method === 'INVITE') this.#closeRequest(open, result);
    }
    this.#sendBye?.();
    this.#pump();
  }

  #ackOverdue(): void {
    this.#acknowledge?.({ acknowledged: false });
    this.#acknowledge = undefined;
    this.#break('the ACK to our answer never came', true);
    this.#sendBye?.();
  }

  #requested(server: RequestServer): void {
    const { request } = server;
    if (request.method === 'BYE') {
      server.respond({ status: 200, fields: this.context.identity.responseFields([]) });
      this.#endedByPeer(request.toInfo());
      return;
    }
    if (request.method === 'PRACK') {
      if (this.owner) this.owner.prack(server);
      else server.respond({ status: 481, fields: this.context.identity.responseFields([]) });
      return;
    }
    if (request.method === 'UPDATE') {
      this.core.refreshTarget(request);
      this.#offer('modify', server, request.body ? { status: 488 } : { status: 200 });
      return;
    }
    this.#offer('request', server, defaultAnswer(request));
  }

  #reInvited(server: ReInviteServer): void {
    server.onAckOverdue(() => this.#break('the ACK to our answer never came', true));
    const open = this.#offer('modify', server, { status: 488 });
    if (!open.responded) server.trying();
  }

  /** Offers a request to the listeners; without any, it is answered at once. */
  #offer(event: 'modify' | 'request', server: RequestServer, fallback: ResponseOptions): DialogRequest {
    const { t1 } = timerSettings();
    const verdict = event === 'modify' ? this.session.judge(server.request.toInfo().headers) : undefined;
    const open: DialogRequest = new DialogRequest(server, {
      clock: this.context.clock,
      identity: this.context.identity,
      fallback,
      patience: event === 'modify' ? 16 * t1 : 2 * t1,
      successFields: verdict ? [...sessionFields(), ...verdict.headers] : [],
      onResponded: (status, body) => {
        if (verdict && status < 300) {
          this.described(body);
          this.session.accepted(verdict);
        }
        if (server.request.method === 'INVITE' && status < 300) return;
        this.#open.delete(open);
        this.#pump();
      },
    });
    this.#open.add(open);
    if (verdict?.kind === 'reject') {
      open.refuse({ status: verdict.status, fields: verdict.headers });
      return open;
    }
    this.emit(event, open);
    if (this.listenerCount(event) === 0) open.respondByDefault();
    else open.expectAnswer();
    return open;
  }

  #closeRequest(open: DialogRequest, result: AckResult): void {
    this.#open.delete(open);
    open.settle(result);
  }

  /** RFC 3311, 5.2: an offer meets an offer of ours, or one of theirs that waits for our answer. */
  #updateGlare(): ResponseOptions | undefined {
    if (this.#offerOut) return { status: 491 };
    const pending = [...this.#open].some(
      ({ request }) => request.method === 'INVITE' || request.method === 'UPDATE',
    );
    return pending
      ? { status: 500, fields: [['Retry-After', String(Math.ceil(Math.random() * 10))]] }
      : undefined;
  }

  #endedByPeer(bye: SipRequestInfo): void {
    if (this.#state === 'early') {
      this.owner?.earlyBye();
      this.close();
      return;
    }
    this.close();
    this.emit('bye', bye);
  }

  /** A response may say that the dialog is gone (RFC 3261, 12.2.1.2; RFC 5057, 5.1). */
  #judge(method: string, status: number): void {
    if (this.#state !== 'confirmed') return;
    // 481 to NOTIFY means the subscription only.
    if (status === 481 && method !== 'NOTIFY') this.#break(`the peer answered ${method} with 481`, false);
    else if (status === 408 && (method === 'INVITE' || method === 'UPDATE')) {
      this.#break(`the peer did not answer ${method}`, true);
    }
  }

  #break(reason: string, bye: boolean): void {
    if (this.ended) return;
    if (bye) void this.bye();
    else this.close();
    this.emit('broken', reason);
  }

  #settleOpen(): void {
    for (const open of [...this.#open]) open.abandon();
    this.#open.clear();
    for (const send of this.#queue.splice(0)) send();
  }
}
