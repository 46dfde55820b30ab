import type { CodecName } from '../audio';
import type { Clock, Failure, SipflowError } from '../common';
import type { MediaSession } from '../media';
import { reportSdp } from '../sdp';
import type { IncomingInvite, SipDialog } from '../sip';
import { bridgeCalls, type BridgeSide } from './media/bridge';
import { CallCommands } from './call-commands';
import { CallEnding } from './call-ending';
import type { CallContext, CallEvent, CallIdentity } from './call-context';
import { CallDigits, type CallDigitsHost } from './digits/call-digits';
import { newCallId } from './call-id';
import { captureOf } from './report/call-capture';
import { CallMedia, type CallMediaHost } from './media/call-media';
import { CallPeer, type CallPeerHost } from './peer/call-peer';
import { CallPorts } from './peer/call-ports';
import { CallRecord } from './report/call-record';
import { recordingPath } from './media/recording-name';
import { digitAdvice } from './digits/method';
import { DurationLimit } from './duration-limit';
import { finalise } from './finaliser';
import type { EndCause, Leg } from './peer/leg';
import { Negotiation, type NegotiationHost } from './peer/negotiation';
import { assertWaitFor } from './option-rules';
import { callEnded } from './registry';
import { isOver, type CallTrigger } from './state';
import type {
  Call,
  CallCapture,
  CallEvents,
  CallInfo,
  CallOrigin,
  CallRef,
  CallSdp,
  CallState,
  DigitEvent,
  ExtraHeaders,
  PhoneOptions,
  RunningBridge,
  SipReport,
  TracedMessage,
  WaitEvent,
  WaitOutcome,
} from './types';
import { waitForEvent } from './wait';

/**
 * One call, whichever way it was set up: its state, its media, its digits and its end; its other side is a `CallPeer`.
 * The call is the one owner of its resources; `end` runs the finaliser once, on every way a call can end (pitfall 8).
 */
export abstract class BaseCall
  extends CallCommands
  implements Call, CallPeerHost, CallMediaHost, CallDigitsHost, NegotiationHost
{
  readonly id = newCallId();
  readonly ref: CallRef;
  readonly direction: 'in' | 'out';
  readonly origin?: CallOrigin;

  protected readonly media: CallMedia;
  /** The phone's options, for subclasses. */
  protected readonly phone: PhoneOptions;
  protected readonly clock: Clock;
  readonly #digits: CallDigits;
  readonly #record: CallRecord;
  readonly #peer: CallPeer;
  readonly #limit: DurationLimit;
  #info: CallInfo | undefined;
  #ending: Promise<void> | undefined;

  constructor(
    protected readonly context: CallContext,
    identity: CallIdentity,
    codecs: readonly CodecName[],
    maxDuration: number | undefined = context.phone.maxCallDuration,
  ) {
    super();
    const { phone, clock, engine } = context;
    this.phone = phone;
    this.clock = clock;
    const { direction, callId, from, to } = identity;
    const ref: { -readonly [K in keyof CallRef]: CallRef[K] } = {
      type: 'sip-call',
      id: this.id,
      instance: phone.id,
      direction,
      callId,
      from,
      to,
    };
    if (identity.called !== undefined) ref.called = identity.called;
    this.ref = Object.freeze(ref);
    this.direction = direction;
    this.#limit = new DurationLimit(clock, maxDuration);
    this.#record = new CallRecord(clock, direction, phone.dtmfMethod);
    this.media = new CallMedia(context, this);
    const negotiation = new Negotiation(new CallPorts(engine), context.negotiation, codecs, this);
    this.#peer = new CallPeer(context, this, this.#record, this.media, negotiation, callId);
    this.#digits = new CallDigits(clock, this.media, phone.dtmfMethod, this);
  }

  // Accessors, because a call that a flow puts into JSON must have no circles.
  protected get digits(): CallDigits {
    return this.#digits;
  }

  protected get peer(): CallPeer {
    return this.#peer;
  }

  get state(): CallState {
    return this.#record.state;
  }

  get lastSip(): SipReport {
    return this.#record.lastSip;
  }

  get sdp(): CallSdp {
    const { local, remote } = this.negotiation.descriptions;
    return {
      local: local === undefined ? null : reportSdp(local),
      remote: remote === undefined ? null : reportSdp(remote),
    };
  }

  /** Whether the peer holds us. */
  get isHeld(): boolean {
    return this.#record.held;
  }

  get holdsPorts(): boolean {
    return this.negotiation.holdsPorts;
  }

  get callIds(): readonly string[] {
    return this.#peer.callIds;
  }

  /** The dialog of the call, for a transfer in which another party replaces it. */
  get dialog(): SipDialog | undefined {
    return this.#peer.dialog;
  }

  protected get leg(): Leg | undefined {
    return this.#peer.leg;
  }

  /** The leg to the peer; undefined between two attempts. */
  protected set leg(leg: Leg | undefined) {
    this.#peer.follow(leg);
  }

  /** Answers the offers that the peer makes in an early dialog (RFC 3311). */
  protected watchEarly(dialog: SipDialog, negotiation: Negotiation): void {
    this.#peer.watchEarly(dialog, negotiation);
  }

  /** Of the forks of the call, this one has answered. */
  protected settleOn(negotiation: Negotiation): void {
    this.#peer.settleOn(negotiation);
  }

  protected get negotiation(): Negotiation {
    return this.#peer.negotiation;
  }

  async waitFor(
    event: WaitEvent,
    options: { timeout?: number; signal?: AbortSignal } = {},
  ): Promise<WaitOutcome> {
    assertWaitFor(event, options);
    if (this.state === 'ended') return event === 'ended' ? 'event' : 'ended';
    return this.#record.isTrue(event) || (event === 'transfer-request' && this.#peer.asksForTransfer)
      ? 'event'
      : waitForEvent(this, event, this.clock, options);
  }

  async bridge(peer: Call): Promise<RunningBridge> {
    this.assertLive();
    const [near, far] = await Promise.all([this.bridgeSide(), this.context.own(peer).bridgeSide()]);
    return bridgeCalls(near, far, this.clock);
  }

  /** Side of a bridge for this call, once there is media. */
  async bridgeSide(): Promise<BridgeSide> {
    const session = await this.media.ready();
    return { call: this, session, dtmfMethod: this.#record.info(session).dtmfMethod ?? 'rfc4733' };
  }

  trace(): TracedMessage[] {
    return this.context.trace(this.callIds);
  }

  capture(): Promise<CallCapture> {
    return captureOf(this.context, this.callIds, this.media.session);
  }

  /** The same for when the call has ended: keeps the session only where there are packets of it. */
  captureLater(): () => Promise<CallCapture> {
    const { context, callIds } = this;
    const session =
      this.phone.capture === undefined || this.phone.capture === 'off' ? undefined : this.media.session;
    return () => captureOf(context, callIds, session);
  }

  /** Whether that dialog, early or confirmed, is one of this call's. */
  owns(dialog: SipDialog): boolean {
    return this.leg?.owns(dialog) === true;
  }

  /** Takes an INVITE with Replaces that names a dialog of ours (RFC 3891). */
  takeOver(invite: IncomingInvite): void {
    this.#peer.takeOver(invite);
  }

  hangup({ headers, reason }: { headers?: ExtraHeaders; reason?: string } = {}): Promise<void> {
    const cause: EndCause = { by: 'local' };
    const sip: SipReport = { event: 'hangup' };
    if (headers) cause.headers = headers;
    if (reason !== undefined) cause.reason = sip.reason = reason;
    return this.end(cause, sip, { notifyPeer: true });
  }

  async info(): Promise<CallInfo> {
    if (this.#info) return this.#info;
    const statistics = await this.media.session?.statistics().catch(() => undefined);
    return this.#info ?? this.#record.info(this.media.session, statistics);
  }

  /** Ends the call because of something that broke on our side; the peer is told where possible. */
  fail(failure: Failure, event = 'error'): Promise<void> {
    const reason = failure.message;
    return this.end({ by: 'error', reason }, { event, reason }, { notifyPeer: true });
  }

  get summary(): CallInfo {
    return this.#info ?? this.#record.info(this.media.session);
  }

  /**
   * Ends the call in any state and resolves when the finaliser is through. Only the first invocation
   * decides who ended it; later ones wait for the same end.
   */
  end(cause: EndCause, sip: SipReport, options: { notifyPeer: boolean }): Promise<void> {
    return (this.#ending ??= this.#finalise(cause, sip, options.notifyPeer));
  }

  protected assertLive(): void {
    if (isOver(this.state)) throw this.endedError();
  }

  protected transition(trigger: CallTrigger): void {
    this.#record.transition(trigger);
  }

  note(sip: SipReport): SipReport {
    return this.#record.note(sip);
  }

  /** The report of an answer, with advice when digits cannot go as usual. */
  protected withDigitAdvice(sip: SipReport): SipReport {
    const { session } = this.media;
    const diagnosis = session && digitAdvice(this.phone.dtmfMethod, session.parameters);
    return diagnosis === undefined ? sip : { ...sip, diagnosis };
  }

  /** Both sides agreed: from here on the call counts as answered. */
  confirm(sip: SipReport, dialog: SipDialog): void {
    this.#record.answered();
    this.media.answered();
    this.#limit.start((reason) => void this.hangup({ reason }));
    this.note(sip);
    this.#peer.watch(dialog);
    this.emit('answered', sip);
  }

  override emit<K extends keyof CallEvents>(event: K, ...args: CallEvents[K]): void {
    if (this.context.hearsEvents()) {
      this.context.onEvent(this, ...([event, ...args] as unknown as CallEvent));
    }
    super.emit(event, ...args);
  }

  /** Subclass hook: the call is ending, timers and promises of the set-up are settled here. */
  protected abstract setupOver(cause: EndCause, sip: SipReport): void;

  /** Subclass hook: another phone has answered the call that rang at our peer. */
  pickedUp(sip: SipReport): void {
    this.note(sip);
  }

  infoDigit(digit: DigitEvent): void {
    this.#digits.receivedByInfo(digit);
  }

  /** A press of the peer, once. */
  pressed(digit: DigitEvent): void {
    this.emit('digit', digit);
  }

  recordingPath(template: string): string {
    return recordingPath(template, this.ref, this.phone, this.clock.wallNow());
  }

  endedError(): SipflowError {
    return callEnded(this.#record.info(this.media.session));
  }

  async #finalise(cause: EndCause, sip: SipReport, notifyPeer: boolean): Promise<void> {
    this.#limit.stop();
    this.#record.ending(cause);
    this.#peer.abandon();
    this.note(sip);
    this.media.abandon();
    this.setupOver(cause, sip);
    const ending = new CallEnding(this.media, this.#peer, cause, notifyPeer);
    const statistics = await finalise(this.clock, ending);
    this.transition('finalised');
    this.#info = this.#record.info(this.media.session, statistics);
    this.#digits.end();
    this.#peer.release();
    this.context.onEnded(this, this.#info);
    this.emit('ended', this.#info);
    this.removeAllListeners();
  }

  /** Offer and answer have opened the session of the call. */
  opened(session: MediaSession): void {
    session.on('digitStart', (digit, method) => this.#digits.started(digit, method));
    session.on('digit', (digit) => this.#digits.received(digit));
    session.on('statistics', (figures) => this.emit('statistics', figures));
    session.on('failed', (failure) => void this.fail(failure));
    session.on('rtpTimeout', () => this.#peer.silent());
    if (session.parameters.reportsRtcp) {
      session.on('rtcp', (packet) => this.context.onRtcp(this.callIds.at(-1) ?? this.ref.callId, packet));
    }
    this.media.attach(session);
    this.#record.mediaReady();
    this.emit('mediaReady');
  }
}
