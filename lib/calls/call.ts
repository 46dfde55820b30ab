import type { Clock } from '../common/clock';
import { SafeEmitter } from '../common/emitter';
import type { Failure } from '../common/errors';
import type { MediaSession } from '../media/types';
import type { IncomingDialogRequest, IncomingInvite, SipDialog } from '../sip/types';
import { bridgeCalls, type BridgeSide } from './bridge';
import type { CallContext, CallEvent, CallIdentity } from './call-context';
import { newCallId } from './call-id';
import { CallMedia } from './call-media';
import { CallRecord } from './call-record';
import { recordingPath } from './call-recording-path';
import { DigitCollector } from './digit-collector';
import { DigitSender } from './digit-sender';
import { digitAdvice } from './dtmf-method';
import { finalise } from './finaliser';
import type { EndCause, Leg } from './leg';
import { Negotiation } from './negotiation';
import { negotiationOptions } from './negotiation-options';
import { PeerWatch, rtpTimeoutMs } from './peer-watch';
import { callEnded } from './registry';
import { changeHold } from './reoffer';
import { retire } from './retire';
import { isOver, type CallTrigger } from './state';
import { answerTakeover } from './takeover';
import { dialogFor } from './transfer';
import { Transfers } from './transfers';
import type {
  Call,
  CallEvents,
  CallInfo,
  CallRef,
  CallState,
  DialOutcome,
  DigitEvent,
  DtmfResult,
  ExtraHeaders,
  GatherOptions,
  HoldOutcome,
  InstanceOptions,
  PlaybackReport,
  PlayOptions,
  RecordingReport,
  RecordOptions,
  Running,
  RunningBridge,
  SendDigitsOptions,
  SipReport,
  TracedMessage,
  TransferOptions,
  TransferOutcome,
  WaitEvent,
  WaitOutcome,
} from './types';
import { waitForEvent } from './wait-for-event';
import { watchDialog } from './watch-dialog';

/**
 * One call, whichever way it was set up: its state, its media, its digits and its end. The call is the one
 * owner of its resources; `end` runs the finaliser once, on every way a call can end (pitfall 8).
 */
export abstract class BaseCall extends SafeEmitter<CallEvents> implements Call {
  readonly id = newCallId();
  readonly ref: CallRef;
  readonly direction: 'in' | 'out';
  abstract readonly outcome: Promise<DialOutcome>;

  protected readonly media: CallMedia;
  protected negotiation: Negotiation;
  protected leg: Leg | undefined;
  /** The instance's options, for what a subclass needs of them. */
  protected readonly instance: InstanceOptions;
  protected readonly clock: Clock;
  #digits: DigitCollector | undefined;
  readonly #sender: DigitSender;
  readonly #record: CallRecord;
  /** Made when the peer falls silent. */
  #peerWatch: PeerWatch | undefined;
  #info: CallInfo | undefined;
  #ending: Promise<void> | undefined;
  #transfers: Transfers | undefined;
  /** Call-IDs of the legs that the call has had. */
  readonly callIds: string[];
  /** Ends the dialogs that were left behind and have not ended yet. */
  #retiring: (() => void)[] = [];
  /** Takes the listeners away that the dialog of the call has. */
  #stopWatching: (() => void) | undefined;

  constructor(
    protected readonly context: CallContext,
    identity: CallIdentity,
    codecs: ConstructorParameters<typeof Negotiation>[1]['codecs'],
  ) {
    super();
    const { instance, clock, engine, stun } = context;
    this.instance = instance;
    this.clock = clock;
    this.direction = identity.direction;
    this.ref = Object.freeze({ type: 'sip-call' as const, id: this.id, instance: instance.id, ...identity });
    this.#record = new CallRecord(clock, identity.direction, instance.dtmfMethod);
    this.callIds = [identity.callId];
    this.negotiation = new Negotiation(engine, negotiationOptions(instance, codecs, stun), (session) =>
      this.#attach(session),
    );
    this.media = new CallMedia({
      clock,
      mediaTimeoutMs: instance.mediaTimeout * 1000,
      audioDir: instance.audioDir,
      recordingPath: (template) => recordingPath(template, this.ref, instance, clock.wallNow()),
      describeState: () => `it is ${this.state}`,
      endedError: () => callEnded(this.#record.info(this.media.session)),
    });
    this.#sender = new DigitSender(instance.dtmfMethod);
  }

  get state(): CallState {
    return this.#record.state;
  }

  get lastSip(): SipReport {
    return this.#record.lastSip;
  }

  abstract answer(options?: { headers?: ExtraHeaders; codecs?: string[] }): Promise<SipReport>;
  abstract reject(options: {
    status: number;
    reason?: string;
    contact?: string;
    headers?: ExtraHeaders;
  }): Promise<SipReport>;
  abstract startEarlyMedia(options?: { reliable?: boolean; headers?: ExtraHeaders }): Promise<SipReport>;

  async play(options: PlayOptions): Promise<Running<PlaybackReport>> {
    this.assertLive();
    return this.media.play(options);
  }

  async record(options: RecordOptions): Promise<Running<RecordingReport>> {
    this.assertLive();
    return this.media.record(options);
  }

  async sendDigits(options: SendDigitsOptions): Promise<{ method: DigitEvent['method'] }> {
    this.assertLive();
    const session = await this.media.ready();
    return this.#sender.send(options, session, this.leg?.dialog);
  }

  async gather(options: GatherOptions): Promise<DtmfResult> {
    this.assertLive();
    return this.#collector.gather(options);
  }

  streamDigits(
    options: { flush?: boolean; methods?: DigitEvent['method'][] },
    onDigit: (digit: DigitEvent) => void,
    onEnd: () => void,
  ): () => void {
    this.assertLive();
    return this.#collector.stream(options, onDigit, onEnd);
  }

  waitFor(event: WaitEvent, options: { timeout?: number; signal?: AbortSignal } = {}): Promise<WaitOutcome> {
    if (this.state === 'ended') return Promise.resolve(event === 'ended' ? 'event' : 'ended');
    return this.#record.isTrue(event) || (event === 'transfer-request' && this.#transfers?.asked)
      ? Promise.resolve('event')
      : waitForEvent(this, event, this.clock, options);
  }

  async hold(action: 'hold' | 'resume', options: { headers?: ExtraHeaders } = {}): Promise<HoldOutcome> {
    this.assertLive();
    const { leg, negotiation } = this;
    const dialog = dialogFor(leg?.dialog, this.state, 'held');
    const ownsCallId = leg?.initiator === true;
    const outcome = await changeHold(action, dialog, negotiation, this.clock, { ownsCallId, ...options });
    if (outcome.kind === 'done') this.note(outcome.sip);
    return outcome;
  }

  async transfer(options: TransferOptions): Promise<TransferOutcome> {
    this.assertLive();
    const dialog = dialogFor(this.leg?.dialog, this.state, 'transferred');
    const outcome = await this.#transferring.request(dialog, options);
    this.note(outcome.sip);
    if (outcome.kind === 'transferred') {
      await this.end({ by: 'local' }, outcome.sip, { notifyPeer: true });
    }
    return outcome;
  }

  async answerTransfer(decision: 'accept' | 'decline'): Promise<TransferOutcome> {
    this.assertLive();
    return this.#transferring.answer(decision);
  }

  async bridge(peer: Call): Promise<RunningBridge> {
    this.assertLive();
    const [near, far] = await Promise.all([this.bridgeSide(), (peer as BaseCall).bridgeSide()]);
    return bridgeCalls(near, far, this.clock);
  }

  /** What a bridge needs of this call, once there is media. */
  async bridgeSide(): Promise<BridgeSide> {
    const session = await this.media.ready();
    return { call: this, session, dtmfMethod: this.#record.info(session).dtmfMethod ?? 'rfc4733' };
  }

  trace(): TracedMessage[] {
    return this.context.trace(this.callIds);
  }

  /** The dialog of the call, for a transfer that puts somebody else into its place. */
  get dialog(): SipDialog | undefined {
    return this.leg?.dialog;
  }

  /** Whether that dialog, early or confirmed, is one of this call's. */
  owns(dialog: SipDialog): boolean {
    return this.leg?.owns(dialog) === true;
  }

  /** Somebody else takes the place of our peer, by an INVITE with Replaces that names a dialog of ours (RFC 3891). */
  takeOver(invite: IncomingInvite): void {
    const old = this.leg;
    const oldDialog = old?.dialog;
    if (isOver(this.state) || !old) return invite.reject({ status: 603 });
    const negotiation = this.negotiation.successor();
    const taken = answerTakeover(invite, negotiation);
    if (!taken) return;
    const sip: SipReport = { event: 'replaced', headers: invite.request.headers };
    if (oldDialog) {
      this.#replacePeer(taken.leg, taken.dialog, negotiation, sip);
      void oldDialog.bye();
      return;
    }
    old.release();
    void old.end({ by: 'local' });
    this.#useLeg(taken.leg, negotiation);
    this.confirm({ ...sip, event: 'answered' }, taken.dialog);
    this.pickedUp(this.lastSip);
    this.emit('replaced', sip);
  }

  async hangup(options: { headers?: ExtraHeaders } = {}): Promise<void> {
    await this.end(
      { by: 'local', ...(options.headers ? { headers: options.headers } : {}) },
      { event: 'hangup' },
      { notifyPeer: true },
    );
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

  /**
   * Ends the call, whatever its state, and resolves when the finaliser is through. Only the first call
   * decides who ended it; later ones wait for the same end.
   */
  protected end(cause: EndCause, sip: SipReport, options: { notifyPeer: boolean }): Promise<void> {
    return (this.#ending ??= this.#finalise(cause, sip, options.notifyPeer));
  }

  protected assertLive(): void {
    if (isOver(this.state)) throw callEnded(this.#record.info(this.media.session));
  }

  protected transition(trigger: CallTrigger): void {
    this.#record.transition(trigger);
  }

  protected note(sip: SipReport): SipReport {
    return this.#record.note(sip);
  }

  /** The report of an answer, with advice when digits cannot go as usual. */
  protected withDigitAdvice(sip: SipReport): SipReport {
    const { session } = this.media;
    const diagnosis = session && digitAdvice(this.instance.dtmfMethod, session.parameters);
    return diagnosis === undefined ? sip : { ...sip, diagnosis };
  }

  /** Both sides agreed: from here on the call counts as answered. */
  protected confirm(sip: SipReport, dialog: SipDialog): void {
    this.#record.answered();
    this.note(sip);
    this.#watch(dialog);
    this.emit('answered', sip);
  }

  protected override emit<K extends keyof CallEvents>(event: K, ...args: CallEvents[K]): void {
    this.context.onEvent(this, ...([event, ...args] as unknown as CallEvent));
    super.emit(event, ...args);
  }

  /** Subclass hook: the call is ending, timers and promises of the set-up are settled here. */
  protected abstract setupOver(cause: EndCause, sip: SipReport): void;

  /** Subclass hook: another phone has answered the call that rang at our peer. */
  protected pickedUp(sip: SipReport): void {
    this.note(sip);
  }

  async #finalise(cause: EndCause, sip: SipReport, notifyPeer: boolean): Promise<void> {
    this.#record.ending(cause);
    this.#peerWatch?.stop();
    this.#transfers?.abandon();
    for (const endNow of this.#retiring) endNow();
    this.note(sip);
    this.media.abandon();
    this.setupOver(cause, sip);
    const statistics = await finalise(this.clock, {
      stopSending: () => this.media.stopSending('hangup'),
      finishRecordings: () => this.media.finishRecordings(),
      ...(notifyPeer ? { endSignalling: () => this.leg?.end(cause) ?? Promise.resolve() } : {}),
      closeMedia: async () => {
        const figures = await this.media.close();
        await this.negotiation.release();
        return figures;
      },
    });
    this.transition('finalised');
    this.#info = this.#record.info(this.media.session, statistics);
    this.#digits?.end();
    this.#stopWatching?.();
    this.leg?.release();
    this.context.onEnded(this, this.#info);
    this.emit('ended', this.#info);
    this.removeAllListeners();
  }

  /** Made when it is needed: most calls of a load test never see a digit. */
  get #collector(): DigitCollector {
    return (this.#digits ??= new DigitCollector(this.clock));
  }

  #attach(session: MediaSession): void {
    session.on('digitStart', (digit, method) => {
      this.media.digitStarted(digit);
      this.#collector.pressed(method);
    });
    session.on('digit', (digit) => this.#receiveDigit(digit));
    session.on('statistics', (figures) => this.emit('statistics', figures));
    session.on('failed', (failure) => void this.fail(failure));
    session.on('rtpTimeout', () => (this.#peerWatch ??= this.#watchPeer()).notice());
    this.media.attach(session);
    this.#record.mediaReady();
    this.emit('mediaReady');
  }

  #receiveDigit(digit: DigitEvent): void {
    if (!this.#collector.receive(digit)) return;
    this.emit('digit', digit);
  }

  /** Ends the call when its peer has died without a BYE. */
  #watchPeer(): PeerWatch {
    return new PeerWatch({
      clock: this.clock,
      limitMs: rtpTimeoutMs(this.instance),
      received: async () => {
        const figures = await this.media.session?.statistics().catch(() => undefined);
        return figures?.received.packets ?? 0;
      },
      dialog: () => (this.state === 'answered' ? this.leg?.dialog : undefined),
      silent: () => this.emit('rtpTimeout'),
      lost: (failure) => {
        this.media.peerLost(failure);
        void this.fail(failure, 'rtp-timeout');
      },
    });
  }

  #watch(dialog: SipDialog): void {
    const { clock } = this;
    this.#stopWatching = watchDialog(dialog, this.negotiation, {
      digit: (digit) => {
        this.media.digitStarted(digit.digit);
        this.#receiveDigit(digit);
      },
      held: (held) => this.#setHeld(held),
      offerRefused: (sip) => this.emit('offerRefused', this.note(sip)),
      referred: (referrer, incoming) => this.#referred(referrer, incoming),
      message: (message) => this.emit('message', message),
      bye: (sip) => {
        const end = (): void => void this.end({ by: 'remote' }, sip, { notifyPeer: false });
        if (this.#transfers?.following) this.#transfers.peerLeft(end);
        else end();
      },
      broken: (sip) => {
        if (this.#peerWatch?.dialogBroke()) return;
        void this.end({ by: 'error', reason: sip.reason }, sip, { notifyPeer: false });
      },
      mediaClock: () => clock.wallNow() - (this.#record.answeredAt ?? clock.wallNow()),
    });
  }

  #setHeld(held: boolean): void {
    if (held === this.#record.held) return;
    this.#record.held = held;
    this.emit(held ? 'held' : 'resumed');
  }

  #referred(dialog: SipDialog, incoming: IncomingDialogRequest): void {
    if (this.state === 'answered') this.#transferring.receive(dialog, incoming);
  }

  get #transferring(): Transfers {
    return (this.#transfers ??= new Transfers(this.context, {
      successor: () => this.negotiation.successor(),
      asked: (sip) => this.emit('transferRequest', this.note(sip)),
      progress: (sip) => this.emit('transferProgress', this.note(sip)),
      replaced: (leg, dialog, negotiation, sip, notified) => {
        const old = this.leg?.dialog;
        this.#replacePeer(leg, dialog, negotiation, sip);
        if (old) this.#retiring.push(retire(old, notified, this.clock));
      },
    }));
  }

  /** The call goes on with another peer: same id, same media session, same waits. */
  #replacePeer(leg: Leg, dialog: SipDialog, negotiation: Negotiation, sip: SipReport): void {
    this.#stopWatching?.();
    this.leg?.release();
    this.#useLeg(leg, negotiation);
    this.#watch(dialog);
    this.emit('replaced', this.note(sip));
    this.#setHeld(negotiation.held);
  }

  #useLeg(leg: Leg, negotiation: Negotiation): void {
    this.leg = leg;
    this.negotiation = negotiation;
    if (!this.callIds.includes(leg.callId)) this.callIds.push(leg.callId);
  }
}
