import { SafeEmitter } from '../../common';
import { AuthScope } from '../auth';
import { defaultAnswer } from '../message/default-answers';
import { safeFields } from '../message/extra-headers';
import type { SipRequest, SipResponse } from '../message/sip-message';
import { DialogSession } from '../session-timer';
import type { RequestServer } from '../transaction/server-requests';
import type { AgentDialog, ReInviteServer } from '../transaction/user-agent';
import type { DialogFlow } from '../transport/dialog-flow';
import type { Peer } from '../transport/transport';
import type { DialogOrigin } from '../trust';
import type {
  AckResult,
  DialogEvents,
  DialogRequestOptions,
  ExtraHeaders,
  MessageBody,
  SipDialog,
  SipRequestInfo,
  SipResponseInfo,
} from '../types';
import { DialogBye } from './bye';
import { DialogClient, reasonToEnd, type DialogClientHost } from './client';
import type { SipContext } from './context';
import { DialogOffers } from './offers';
import type { DialogOwner } from './owner';
import { DialogServer } from './server';

/** `ending`: our BYE is not answered yet. */
export type DialogState = 'early' | 'confirmed' | 'ending' | 'ended';

/** One dialog: its requests in both directions, and its end. */
export class Dialog extends SafeEmitter<DialogEvents> implements SipDialog, DialogClientHost {
  #state: DialogState = 'early';
  #bye: Promise<void> | undefined;
  readonly #ownBye: DialogBye;
  readonly #client: DialogClient;
  readonly #server: DialogServer;
  #acknowledge: ((result: AckResult) => void) | undefined;
  /** Its timer runs from the 2xx on. */
  readonly session: DialogSession;
  readonly offers: DialogOffers;

  constructor(
    private readonly context: SipContext,
    private readonly core: AgentDialog,
    private readonly owner: DialogOwner,
    scope = new AuthScope(context.credentials),
    policy = context.sessionPolicy,
    origin: DialogOrigin = 'peer',
  ) {
    super();
    const auth = scope.within(context.trust.within(core, origin));
    this.session = new DialogSession({
      clock: context.clock,
      policy,
      onRefresh: () => void this.#refresh(),
      onExpired: () => this.#break('the session expired: nobody has refreshed it in time'),
    });
    this.#ownBye = new DialogBye(context.clock, core, auth, () => this.close());
    this.#client = new DialogClient(core, auth, this.session, this);
    this.#server = new DialogServer(context, this.session, {
      confirmed: () => this.#state === 'confirmed',
      tell: (event, request) => {
        this.emit(event, request);
        return this.listenerCount(event) > 0;
      },
      described: (body) => this.offers.answered(body),
      closed: () => this.#client.pump(),
    });
    const invite = {
      early: () => this.#state === 'early',
      unacknowledged: () => this.#acknowledge !== undefined,
    };
    this.offers = new DialogOffers(owner, invite, this.#client, this.#server);
    context.dialogs.set(core.id, this);
    core.listen({
      acknowledged: (ack) => this.#acknowledged({ acknowledged: true, ...(ack.body && { body: ack.body }) }),
      ackOverdue: () => this.#ackOverdue(),
      ackFailed: ({ message }) => this.#break(`the ACK to the answer could not be sent: ${message}`),
      reInvite: (server) => this.#reInvited(server),
    });
  }

  /** Call-ID, local tag and remote tag in one string. */
  get id(): string {
    return this.core.id;
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

  /** Flow that the peer's messages come over. */
  get flow(): DialogFlow {
    return this.core.flow;
  }

  /** First hop of our requests, as a Route names it. */
  get firstRoute(): string | undefined {
    return this.core.firstRoute;
  }

  get state(): DialogState {
    return this.#state;
  }

  /** Whether our INVITE made this dialog. */
  get isCaller(): boolean {
    return this.owner.caller;
  }

  get ended(): boolean {
    return this.#state === 'ending' || this.#state === 'ended';
  }

  /** A 2xx made the dialog whole. */
  confirm(): void {
    if (this.#state === 'early') this.#state = 'confirmed';
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
    this.#ownBye.release();
  }

  request(method: string, options: DialogRequestOptions = {}): Promise<SipResponseInfo> {
    return this.#client.request(method, options);
  }

  /** Acknowledges a reliable provisional response, see `DialogClient`. */
  prack(response: SipResponse, body: MessageBody | undefined): void {
    this.#client.prack(response, body);
  }

  /** Takes a request that belongs to this dialog. */
  receive(request: SipRequest, source: Peer, key: string): void {
    const { method } = request;
    if (this.ended) {
      this.#receiveAfterEnd(request, source, key);
      return;
    }
    if (method === 'ACK' || method === 'INVITE') {
      this.core.receiveInvite(request, source, key);
      return;
    }
    const collision = method === 'UPDATE' && this.offers.collision(request);
    if (collision) {
      this.context.answer(request, source, collision);
      return;
    }
    const server = this.core.receive(request, source, key);
    if (server) this.#requested(server, source);
  }

  /** A 2xx to our INVITE or UPDATE. */
  refreshed(info: SipResponseInfo, body: MessageBody | undefined): void {
    this.offers.described(body);
    this.offers.heardOf(info.headers);
    this.session.answered(info.headers);
  }

  /** A response may say that the dialog is gone; it is ended with BYE nevertheless, for who sent it may be a proxy. */
  responded(method: string, info: SipResponseInfo): void {
    const reason = this.#state === 'confirmed' ? reasonToEnd(method, info) : undefined;
    if (reason !== undefined) this.#break(reason);
  }

  /** It is our turn to refresh the session. */
  async #refresh(): Promise<void> {
    const { method, ...offer } = this.offers.refresh();
    const { status } = await this.request(method, offer);
    if (status >= 300) this.session.refreshFailed(status);
  }

  #receiveAfterEnd(request: SipRequest, source: Peer, key: string): void {
    if (request.method === 'ACK') {
      // The ACK that our BYE waits for.
      if (this.#ownBye.waiting) this.core.receiveInvite(request, source, key);
      return;
    }
    // Our BYE may cross the peer's (RFC 5407, 3.1.3), or its PRACK.
    const known = request.method === 'BYE' || this.context.latePracks.includes(request);
    this.context.answer(request, source, { status: known ? 200 : 481 });
    if (request.method === 'BYE' && this.#ownBye.waiting) this.close();
  }

  /** Ends the dialog without a message: nothing that still arrives for it is answered by it. */
  close(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.session.stop();
    this.owner.ended?.();
    this.context.dialogs.delete(this.core.id);
    this.#settleOpen();
    this.#settleAck({ acknowledged: false });
    this.core.dispose();
    this.#ownBye.done();
  }

  /**
   * Ends the dialog without a message, and tells it.
   *
   * @param overdue whether the peer has left something unacknowledged for too long
   */
  fail(reason: string, overdue = false): void {
    if (this.#state === 'ended') return;
    if (overdue) this.#settleAck({ acknowledged: false, overdue });
    this.close();
    this.emit('broken', reason);
  }

  #startBye(headers: ExtraHeaders | undefined): Promise<void> {
    this.#state = 'ending';
    this.session.stop();
    this.owner.ended?.();
    this.#settleOpen();
    return this.#ownBye.start(safeFields(headers));
  }

  #acknowledged(result: AckResult): void {
    if (this.#acknowledge) this.#settleAck(result);
    else this.#server.acknowledged(result);
    this.#ownBye.release();
    this.#client.pump();
  }

  /** Settles the wait for the ACK to the 2xx that made the dialog. */
  #settleAck(result: AckResult): void {
    this.#acknowledge?.(result);
    this.#acknowledge = undefined;
  }

  #ackOverdue(): void {
    // After a local end of the call the missing ACK is no fault.
    this.#settleAck(this.ended ? { acknowledged: false } : { acknowledged: false, overdue: true });
    this.#break('the ACK to our answer never came');
    this.#ownBye.release();
  }

  #requested(server: RequestServer, source: Peer): void {
    const { request } = server;
    if (request.method === 'BYE') {
      server.respond({ status: 200, fields: this.context.identity.responseFields([]) });
      this.#endedByPeer(request.toInfo());
      return;
    }
    if (request.method === 'PRACK') {
      if (this.owner.prack) this.owner.prack(server);
      else server.respond({ status: 481, fields: this.context.identity.responseFields([]) });
      return;
    }
    if (request.method === 'UPDATE') {
      this.core.refreshTarget(request);
      this.#server.offer('modify', server, request.body ? { status: 488 } : { status: 200 });
      return;
    }
    const trusted = this.context.trust.vouchesFor(source, !this.isCaller);
    this.#server.offer('request', server, defaultAnswer(request), trusted);
  }

  #reInvited(server: ReInviteServer): void {
    const collision = this.offers.collision(server.request);
    if (collision) {
      server.respond({
        ...collision,
        fields: [...(collision.fields ?? []), ...this.context.identity.responseFields([])],
      });
      return;
    }
    server.onAckOverdue(() => this.#break('the ACK to our answer never came'));
    const open = this.#server.offer('modify', server, { status: 488 });
    if (!open.responded) server.trying();
  }

  #endedByPeer(bye: SipRequestInfo): void {
    if (this.#state === 'early') {
      this.owner.earlyBye?.();
      this.close();
      return;
    }
    this.close();
    this.emit('bye', bye);
  }

  /** Ends the dialog with BYE, and tells why. */
  #break(reason: string): void {
    if (this.ended) return;
    void this.bye();
    this.emit('broken', reason);
  }

  #settleOpen(): void {
    this.#server.abandon();
    this.#client.abandon();
  }
}
