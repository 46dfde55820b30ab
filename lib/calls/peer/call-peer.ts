import { type Failure, SipflowError } from '../../common';
import type { IncomingDialogRequest, IncomingInvite, SipDialog } from '../../sip';
import type { CallContext } from '../call-context';
import type { CallMedia } from '../media/call-media';
import type { CallRecord } from '../report/call-record';
import { requestInCall } from './call-requests';
import { DialogRequests, WatchedDialog, type DialogEnds, type DialogRequestEvents } from './dialog-requests';
import type { EndCause, Leg } from './leg';
import type { Negotiation } from './negotiation';
import { PeerWatch, rtpTimeoutMs } from './peer-watch';
import { changeHold } from './reoffer';
import { reportInvite } from '../report/caller';
import { Turns } from './turns';
import { answerTakeover, retire } from '../transfer/takeover';
import { isOver } from '../state';
import { dialogFor } from '../transfer/outgoing-transfer';
import { Transfers } from '../transfer/transfers';
import type {
  CallEvents,
  CallRequestOptions,
  CallState,
  DigitEvent,
  ExtraHeaders,
  HoldOutcome,
  RequestOutcome,
  SipReport,
  TextMessage,
  TransferOptions,
  TransferOutcome,
} from '../types';

/** Requests of one call that may wait for their answers at the same time. */
const MAX_REQUESTS = 32;

/** The call, as its other side acts on it. */
export interface CallPeerHost {
  readonly state: CallState;
  note(sip: SipReport): SipReport;
  emit<K extends keyof CallEvents>(event: K, ...args: CallEvents[K]): void;
  end(cause: EndCause, sip: SipReport, options: { notifyPeer: boolean }): Promise<void>;
  fail(failure: Failure, event: string): Promise<void>;
  /** A digit by INFO. */
  infoDigit(digit: DigitEvent): void;
  /** Both sides agreed: from here on the call counts as answered. */
  confirm(sip: SipReport, dialog: SipDialog): void;
  /** Another phone has answered the call that rang at our peer. */
  pickedUp(sip: SipReport): void;
}

/**
 * The other side of one call: the leg to it, the negotiation with it, its requests inside the dialog, and the
 * replacement of all these when another party takes its place.
 */
export class CallPeer implements DialogRequestEvents, DialogEnds {
  leg: Leg | undefined;
  /** Call-IDs of the legs that the call has had. */
  readonly callIds: string[];
  #negotiation: Negotiation;
  /** Our offers, which wait for each other. */
  readonly #offers = new Turns();
  /** Requests of the flow that wait for their answers. */
  #requests = 0;
  /** Made when the peer falls silent. */
  #silence: PeerWatch | undefined;
  /** Made for the first transfer. */
  #transfers: Transfers | undefined;
  /** Ends the dialogs that were left behind and have not ended yet. */
  #retiring: (() => void)[] = [];
  /** Takes the listeners away that the dialog of the call has. */
  #stopWatching: (() => void) | undefined;
  /** Takes those away that its early dialogs have. */
  #stopEarly: readonly (() => void)[] = [];

  /** @param callId of the first leg, which does not exist yet */
  constructor(
    private readonly context: CallContext,
    private readonly host: CallPeerHost,
    private readonly record: CallRecord,
    private readonly media: CallMedia,
    negotiation: Negotiation,
    callId: string,
  ) {
    this.#negotiation = negotiation;
    this.callIds = [callId];
  }

  get negotiation(): Negotiation {
    return this.#negotiation;
  }

  /** Present once the call is answered. */
  get dialog(): SipDialog | undefined {
    return this.leg?.dialog;
  }

  /** Whether the peer wants a transfer, and waits for our decision. */
  get asksForTransfer(): boolean {
    return this.#transfers?.asked === true;
  }

  /** Holds the peer or takes it back. CALL_STATE before the answer. */
  async hold(action: 'hold' | 'resume', options: { headers?: ExtraHeaders }): Promise<HoldOutcome> {
    const dialog = dialogFor(this.dialog, this.host.state, 'held');
    const ownsCallId = this.leg?.initiator === true;
    const negotiation = this.#negotiation;
    return this.#offers.run(() =>
      changeHold(action, dialog, negotiation, this.context.clock, { ownsCallId, ...options }),
    );
  }

  /** Sends a request in the dialog of the call. CALL_STATE before the answer and when 32 requests wait; BAD_CONFIG. */
  async request(options: CallRequestOptions): Promise<RequestOutcome> {
    const dialog = dialogFor(this.dialog, this.host.state, 'sent requests');
    if (this.#requests >= MAX_REQUESTS) {
      throw new SipflowError(
        'CALL_STATE',
        `${MAX_REQUESTS} requests of this call wait for their answers already.`,
      );
    }
    this.#requests += 1;
    try {
      return await requestInCall(
        {
          dialog,
          negotiation: this.#negotiation,
          clock: this.context.clock,
          ownsCallId: this.leg?.initiator === true,
          inTurn: (offer) => this.#offers.run(offer),
        },
        options,
      );
    } finally {
      this.#requests -= 1;
    }
  }

  /** Asks the peer to call another target (REFER). CALL_STATE, BAD_TARGET. */
  async transfer(options: TransferOptions): Promise<TransferOutcome> {
    return this.#transferring.request(dialogFor(this.dialog, this.host.state, 'transferred'), options);
  }

  /** Our decision about a transfer that the peer has asked for. CALL_STATE when there is none. */
  answerTransfer(decision: 'accept' | 'decline'): Promise<TransferOutcome> {
    return this.#transferring.answer(decision);
  }

  /** Puts another party in the place of our peer: an INVITE with Replaces that names a dialog of ours (RFC 3891). */
  takeOver(invite: IncomingInvite): void {
    const negotiation = this.#negotiation.successor();
    const looking = negotiation.lookUp(invite.request.body?.content);
    if (looking) void looking.then(() => this.#takeOver(invite, negotiation));
    else this.#takeOver(invite, negotiation);
  }

  #takeOver(invite: IncomingInvite, negotiation: Negotiation): void {
    const old = this.leg;
    const oldDialog = old?.dialog;
    if (invite.settled) return;
    if (isOver(this.host.state) || !old) return invite.reject({ status: 603 });
    const taken = answerTakeover(invite, negotiation);
    if (!taken) return;
    const sip = reportInvite('replaced', invite);
    if (oldDialog) {
      this.#replace(taken.leg, taken.dialog, negotiation, sip);
      void oldDialog.bye();
      return;
    }
    old.release();
    void old.end({ by: 'local' });
    this.#use(taken.leg, negotiation);
    const answered: SipReport = { ...sip, event: 'answered' };
    this.host.confirm(answered, taken.dialog);
    this.host.pickedUp(answered);
    this.host.emit('replaced', sip);
  }

  /** No packet came from the peer for as long as the phone allows: it may have died without a BYE. */
  silent(): void {
    this.#silence ??= new PeerWatch({
      clock: this.context.clock,
      limitMs: rtpTimeoutMs(this.context.phone),
      received: async () => {
        const figures = await this.media.session?.statistics().catch(() => undefined);
        return figures?.received.packets ?? 0;
      },
      dialog: () => (this.#answeredForMs() >= rtpTimeoutMs(this.context.phone) ? this.dialog : undefined),
      expects: () => {
        const direction = this.media.session?.parameters.direction;
        return direction === 'sendrecv' || direction === 'recvonly';
      },
      silent: () => this.host.emit('rtpTimeout'),
      lost: (failure) => {
        this.media.peerLost(failure);
        void this.host.fail(failure, 'rtp-timeout');
      },
    });
    this.#silence.notice();
  }

  /** The leg that leads to the peer from now on, or none. */
  follow(leg: Leg | undefined): void {
    this.leg = leg;
    if (leg && !this.callIds.includes(leg.callId)) this.callIds.push(leg.callId);
  }

  /** Answers offers of the peer in an early dialog, of which a forked call has several. */
  watchEarly(dialog: SipDialog, negotiation: Negotiation): void {
    const stop = dialog.onEach(new DialogRequests(dialog, negotiation, this));
    this.#stopEarly = this.#stopEarly.concat([stop]);
  }

  /** Of the forks of the call, this one has answered. */
  settleOn(negotiation: Negotiation): void {
    this.#negotiation = negotiation;
  }

  /** Listens to the peer in the dialog of the call. */
  watch(dialog: SipDialog): void {
    this.#forgetEarly();
    this.#stopWatching = dialog.onEach(new WatchedDialog(dialog, this.#negotiation, this));
  }

  /** The call is ending: questions, transfers and dialogs that were left behind end at once. */
  abandon(): void {
    this.#silence?.stop();
    this.#transfers?.abandon();
    for (const endNow of this.#retiring) endNow();
  }

  /** The call is over: stops listening. */
  release(): void {
    this.#forgetEarly();
    this.#stopWatching?.();
    this.leg?.release();
  }

  /** The peer has hung up. */
  bye(sip: SipReport): void {
    const end = (): void => void this.host.end({ by: 'remote' }, sip, { notifyPeer: false });
    if (this.#transfers?.following) this.#transfers.peerLeft(end);
    else end();
  }

  /** The dialog of the call has ended without a BYE of the peer. */
  broken(sip: SipReport): void {
    if (this.#silence?.dialogBroke()) return;
    void this.host.end({ by: 'error', reason: sip.reason }, sip, { notifyPeer: false });
  }

  /** A digit by INFO. */
  digit(digit: DigitEvent): void {
    this.host.infoDigit(digit);
  }

  /** Whether the peer holds us from now on. */
  held(held: boolean): void {
    if (held === this.record.held) return;
    this.record.held = held;
    this.host.emit(held ? 'held' : 'resumed');
  }

  /** We refused an offer of the peer; the call goes on with what was agreed before. */
  offerRefused(sip: SipReport): void {
    this.host.emit('offerRefused', this.host.note(sip));
  }

  /** REFER. */
  referred(dialog: SipDialog, incoming: IncomingDialogRequest): void {
    if (this.host.state === 'answered') this.#transferring.receive(dialog, incoming);
  }

  message(message: TextMessage): void {
    this.host.emit('message', message);
  }

  /** Milliseconds since the call's media began. */
  mediaClock(): number {
    const now = this.context.clock.wallNow();
    return now - (this.record.answeredAt ?? now);
  }

  #forgetEarly(): void {
    for (const stop of this.#stopEarly) stop();
    this.#stopEarly = [];
  }

  /** Below 0 before the answer. */
  #answeredForMs(): number {
    const { answeredAt } = this.record;
    return this.host.state === 'answered' && answeredAt !== undefined
      ? this.context.clock.wallNow() - answeredAt
      : -1;
  }

  get #transferring(): Transfers {
    const { host } = this;
    return (this.#transfers ??= new Transfers(this.context, {
      ownUri: () => (this.leg?.initiator ? this.leg.from : this.context.ownUri),
      successor: () => this.#negotiation.successor(),
      asked: (sip) => host.emit('transferRequest', host.note(sip)),
      progress: (sip) => host.emit('transferProgress', host.note(sip)),
      replaced: (leg, dialog, negotiation, sip, notified) => {
        const old = this.dialog;
        this.#replace(leg, dialog, negotiation, sip);
        if (old) this.#retiring.push(retire(old, notified, this.context.clock));
      },
    }));
  }

  /** The call goes on with another peer: same id, same media session, same waits. */
  #replace(leg: Leg, dialog: SipDialog, negotiation: Negotiation, sip: SipReport): void {
    this.release();
    this.#use(leg, negotiation);
    this.watch(dialog);
    this.host.emit('replaced', this.host.note(sip));
    this.held(negotiation.held);
  }

  #use(leg: Leg, negotiation: Negotiation): void {
    this.follow(leg);
    this.#negotiation = negotiation;
  }
}
