import { SafeEmitter, type SipflowError } from '../../common';
import { AuthScope, type Authenticator } from '../auth';
import { defaultAnswer } from '../message/default-answers';
import { safeFields } from '../message/extra-headers';
import type { SipRequest, SipResponse } from '../message/sip-message';
import { DialogSession, type DialogSessionHost } from '../session-timer';
import type { RequestServer } from '../transaction/server-requests';
import type { AgentDialog, AgentDialogHandlers, ReInviteServer } from '../transaction/user-agent';
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
import type { OpenOffer } from './offer-glare';
import { DialogOffers, type DialogOffersHost } from './offers';
import type { DialogOwner } from './owner';
import type { DialogRequest } from './request';
import { DialogServer, type DialogServerHost } from './server';

/** `ending`: our BYE is not answered yet. */
export type DialogState = 'early' | 'confirmed' | 'ending' | 'ended';

/** Interfaces of a dialog for its parts, and for the user agent core. */
type Hosts = DialogClientHost & DialogServerHost & DialogOffersHost & DialogSessionHost & AgentDialogHandlers;

/**
 * One dialog: its requests in both directions, and its end. Parts that most dialogs never need are made when they are
 * needed first, and all of them turn to the dialog itself instead of functions of their own: a call has a dialog, and
 * what each allocates is what a thousand calls per second cost.
 */
export class Dialog extends SafeEmitter<DialogEvents> implements SipDialog, Hosts {
  #state: DialogState = 'early';
  #ended: Promise<void> | undefined;
  #bye: DialogBye | undefined;
  #client: DialogClient | undefined;
  #server: DialogServer | undefined;
  #acknowledge: ((result: AckResult) => void) | undefined;
  /** Its timer runs from the 2xx on. */
  readonly session: DialogSession;
  readonly offers: DialogOffers;

  constructor(
    private readonly context: SipContext,
    private readonly core: AgentDialog,
    private readonly owner: DialogOwner,
    private readonly scope = new AuthScope(context.credentials),
    policy = context.sessionPolicy,
    private readonly origin: DialogOrigin = 'peer',
  ) {
    super();
    this.session = new DialogSession(context.clock, policy, this);
    this.offers = new DialogOffers(this);
    context.dialogs.set(core.id, this);
    core.listen(this);
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
    return (this.#ended ??= this.#startBye(headers));
  }

  /** For the end of the endpoint: sends a BYE that waits for the ACK now. */
  hurry(): void {
    this.#bye?.release();
  }

  request(method: string, options: DialogRequestOptions = {}): Promise<SipResponseInfo> {
    return this.#requests.request(method, options);
  }

  /** Acknowledges a reliable provisional response, see `DialogClient`. */
  prack(response: SipResponse, body: MessageBody | undefined): void {
    this.#requests.prack(response, body);
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

  /** Whether the INVITE waits for its final response. */
  early(): boolean {
    return this.#state === 'early';
  }

  /** Whether the INVITE has its 2xx. */
  confirmed(): boolean {
    return this.#state === 'confirmed';
  }

  /** Whether our 2xx to the INVITE waits for its ACK. */
  unacknowledged(): boolean {
    return this.#acknowledge !== undefined;
  }

  /** The offer of the INVITE, while its answer is due. */
  openOffer(): OpenOffer {
    return this.owner.openOffer();
  }

  /** Whether an offer of ours in a later request waits for its answer. */
  get offerOut(): boolean {
    return this.#client?.offerOut === true;
  }

  /** The peer's requests; undefined while there was none. */
  get theirs(): DialogServer | undefined {
    return this.#server;
  }

  /** Shows a request to the listeners. Returns whether there is one. */
  tell(event: 'modify' | 'request', request: DialogRequest): boolean {
    this.emit(event, request);
    return this.listenerCount(event) > 0;
  }

  /** Our 2xx to an offer is out. */
  answeredOffer(body: MessageBody | undefined): void {
    this.offers.answered(body);
  }

  /** A request of the peer is through. */
  requestOver(): void {
    this.#client?.pump();
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
  refreshDue(): void {
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const { method, ...offer } = this.offers.refresh();
    const { status } = await this.request(method, offer);
    if (status >= 300) this.session.refreshFailed(status);
  }

  /** No refresh of the session came in time. */
  sessionExpired(): void {
    this.#break('the session expired: nobody has refreshed it in time');
  }

  /** The ACK to our 2xx of the INVITE or of a re-INVITE. */
  acknowledged({ body }: SipRequest): void {
    const result: AckResult = body ? { acknowledged: true, body } : { acknowledged: true };
    if (this.#acknowledge) this.#settleAck(result);
    else this.#server?.acknowledged(result);
    this.#bye?.release();
    this.#client?.pump();
  }

  /** The ACK to our 2xx did not come in time. */
  ackOverdue(): void {
    // After a local end of the call the missing ACK is no fault.
    this.#settleAck(this.ended ? { acknowledged: false } : { acknowledged: false, overdue: true });
    this.#break('the ACK to our answer never came');
    this.#bye?.release();
  }

  /** Our ACK could not be sent. */
  ackFailed({ message }: SipflowError): void {
    this.#break(`the ACK to the answer could not be sent: ${message}`);
  }

  /** A re-INVITE of the peer. */
  reInvite(server: ReInviteServer): void {
    const collision = this.offers.collision(server.request);
    if (collision) {
      server.respond({
        ...collision,
        fields: [...(collision.fields ?? []), ...this.context.identity.responseFields([])],
      });
      return;
    }
    server.onAckOverdue(() => this.#break('the ACK to our answer never came'));
    const open = this.#offered.offer('modify', server, { status: 488 });
    if (!open.responded) server.trying();
  }

  #receiveAfterEnd(request: SipRequest, source: Peer, key: string): void {
    if (request.method === 'ACK') {
      // The ACK that our BYE waits for.
      if (this.#bye?.waiting) this.core.receiveInvite(request, source, key);
      return;
    }
    // Our BYE may cross the peer's (RFC 5407, 3.1.3), or its PRACK.
    const known = request.method === 'BYE' || this.context.latePracks.includes(request);
    this.context.answer(request, source, { status: known ? 200 : 481 });
    if (request.method === 'BYE' && this.#bye?.waiting) this.close();
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
    this.#bye?.done();
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
    this.#bye = new DialogBye(this.context.clock, this.core, this.#auth, this);
    return this.#bye.start(safeFields(headers));
  }

  /** Settles the wait for the ACK to the 2xx that made the dialog. */
  #settleAck(result: AckResult): void {
    this.#acknowledge?.(result);
    this.#acknowledge = undefined;
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
      this.#offered.offer('modify', server, request.body ? { status: 488 } : { status: 200 });
      return;
    }
    const trusted = this.context.trust.vouchesFor(source, !this.isCaller);
    this.#offered.offer('request', server, defaultAnswer(request), trusted);
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
    this.#server?.abandon();
    this.#client?.abandon();
  }

  /** Our requests. */
  get #requests(): DialogClient {
    return (this.#client ??= new DialogClient(this.core, this.#auth, this.session, this));
  }

  /** The peer's requests that may wait. */
  get #offered(): DialogServer {
    return (this.#server ??= new DialogServer(this.context, this.session, this));
  }

  /** Credentials for our requests, as far as they may go where the dialog leads. */
  get #auth(): Authenticator {
    return this.scope.within(this.context.trust.within(this.core, this.origin));
  }
}
