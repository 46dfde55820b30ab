import type { Clock } from '../common/clock';
import { SafeEmitter } from '../common/emitter';
import { SipflowError, type Failure } from '../common/errors';
import type { MediaEngine, MediaSession, MediaStatistics } from '../media/types';
import type { SipDialog } from '../sip/types';
import { newCallId } from './call-id';
import { CallMedia } from './call-media';
import { callInfo, type CallFacts } from './call-info';
import { finalise } from './finaliser';
import type { EndCause, Leg } from './leg';
import { DigitCollector } from './digit-collector';
import { DialogRequests } from './dialog-requests';
import { DigitSender } from './digit-sender';
import { Negotiation } from './negotiation';
import { changeHold } from './reoffer';
import { renderRecordingPath } from './recording-name';
import { callEnded } from './registry';
import { isOver, nextState, type CallTrigger } from './state';
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
  SendDigitsOptions,
  SipReport,
  WaitEvent,
  WaitOutcome,
} from './types';
import { waitForEvent } from './wait-for-event';

/** What a call gets from its instance. */
export interface CallContext {
  readonly clock: Clock;
  readonly engine: MediaEngine;
  readonly instance: InstanceOptions;
  /** The call is over and its resources are back; the registry and the counters forget it. */
  onEnded(call: BaseCall, info: CallInfo): void;
  /** Every event of the call, before the listeners of the call get it. */
  onEvent(call: BaseCall, ...event: CallEvent): void;
}

/** The name of an event of a call, and what comes with it. */
export type CallEvent = { [K in keyof CallEvents]: [event: K, ...args: CallEvents[K]] }[keyof CallEvents];

/** Identity of a call before its leg exists. */
export interface CallIdentity {
  direction: 'in' | 'out';
  callId: string;
  from: string;
  to: string;
}

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
  protected readonly negotiation: Negotiation;
  protected leg: Leg | undefined;
  /** The instance's options, for what a subclass needs of them. */
  protected readonly instance: InstanceOptions;
  protected readonly clock: Clock;
  #digits: DigitCollector | undefined;
  readonly #sender: DigitSender;
  readonly #facts: CallFacts;
  #state: CallState = 'new';
  #lastSip: SipReport = { event: 'new' };
  #info: CallInfo | undefined;
  #ending: Promise<void> | undefined;
  #held = false;
  #reached = new Set<WaitEvent>();
  /** Takes the listeners away that the dialog of the call has. */
  #stopWatching: (() => void)[] = [];

  constructor(
    protected readonly context: CallContext,
    identity: CallIdentity,
    codecs: ConstructorParameters<typeof Negotiation>[1]['codecs'],
  ) {
    super();
    const { instance, clock, engine } = context;
    this.instance = instance;
    this.clock = clock;
    this.direction = identity.direction;
    this.ref = Object.freeze({ type: 'sip-call' as const, id: this.id, instance: instance.id, ...identity });
    this.#facts = { direction: identity.direction, startedAt: clock.wallNow(), headers: {} };
    this.negotiation = new Negotiation(
      engine,
      {
        ports: { address: instance.bindAddress, portMin: instance.rtpPortMin, portMax: instance.rtpPortMax },
        codecs,
        ptimeMs: instance.ptime,
        ...(instance.srtp ? { srtp: instance.srtp } : {}),
        ...(instance.jitterBuffer ? { jitterBuffer: instance.jitterBuffer } : {}),
        statisticsIntervalMs: (instance.statisticsInterval ?? 0) * 1000,
        ...(instance.concealment ? { concealment: instance.concealment } : {}),
      },
      (session) => this.#attach(session),
    );
    this.media = new CallMedia({
      clock,
      mediaTimeoutMs: instance.mediaTimeout * 1000,
      audioDir: instance.audioDir,
      recordingPath: (template) => this.#recordingPath(template),
      describeState: () => this.#describeState(),
      endedError: () => callEnded(this.#currentInfo()),
    });
    this.#sender = new DigitSender(instance.dtmfMethod);
  }

  get state(): CallState {
    return this.#state;
  }

  get lastSip(): SipReport {
    return this.#lastSip;
  }

  abstract answer(options?: { headers?: ExtraHeaders; codecs?: string[] }): Promise<SipReport>;
  abstract reject(options: {
    status: number;
    reason?: string;
    contact?: string;
    headers?: ExtraHeaders;
  }): Promise<SipReport>;
  abstract startEarlyMedia(options?: { reliable?: boolean }): Promise<SipReport>;

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
    if (this.#state === 'ended') return Promise.resolve(event === 'ended' ? 'event' : 'ended');
    const isTrue = event === 'held' ? this.#held : this.#reached.has(event);
    return isTrue ? Promise.resolve('event') : waitForEvent(this, event, this.clock, options);
  }

  async hold(action: 'hold' | 'resume'): Promise<HoldOutcome> {
    this.assertLive();
    const dialog = this.leg?.dialog;
    if (this.#state !== 'answered' || !dialog) {
      throw new SipflowError('CALL_STATE', `The call is ${this.#state}; only an answered call can be held.`);
    }
    const outcome = await changeHold(action, dialog, this.negotiation, this.clock, this.direction === 'out');
    if (outcome.kind === 'done') this.note(outcome.sip);
    return outcome;
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
    return this.#info ?? this.#currentInfo(statistics);
  }

  /** Ends the call because of something that broke on our side; the peer is told where possible. */
  fail(failure: Failure): Promise<void> {
    const reason = failure.message;
    return this.end({ by: 'error', reason }, { event: 'error', reason }, { notifyPeer: true });
  }

  /**
   * Ends the call, whatever its state, and resolves when the finaliser is through. Only the first call
   * decides who ended it; later ones wait for the same end.
   */
  protected end(cause: EndCause, sip: SipReport, options: { notifyPeer: boolean }): Promise<void> {
    return (this.#ending ??= this.#finalise(cause, sip, options.notifyPeer));
  }

  protected assertLive(): void {
    if (isOver(this.#state)) throw callEnded(this.#currentInfo());
  }

  protected transition(trigger: CallTrigger): void {
    this.#state = nextState(this.#state, trigger);
    if (this.#state === 'ringing' || this.#state === 'answered' || this.#state === 'early-media') {
      this.#reached.add(this.#state);
    }
  }

  /** Remembers what signalling said last, and the headers of the peer's last message. */
  protected note(sip: SipReport): SipReport {
    this.#lastSip = sip;
    if (sip.headers) this.#facts.headers = sip.headers;
    if (sip.status !== undefined) {
      this.#facts.status = sip.status;
      this.#facts.reason = sip.reason;
    }
    return sip;
  }

  /** Both sides agreed: from here on the call counts as answered. */
  protected confirm(sip: SipReport, dialog: SipDialog): void {
    this.transition('confirm');
    this.#facts.answeredAt = this.clock.wallNow();
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

  async #finalise(cause: EndCause, sip: SipReport, notifyPeer: boolean): Promise<void> {
    this.transition('end');
    this.#facts.endedAt = this.clock.wallNow();
    this.#facts.endedBy = cause.by;
    if (cause.status !== undefined) this.#facts.status = cause.status;
    if (cause.reason !== undefined) this.#facts.reason = cause.reason;
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
    this.#info = this.#currentInfo(statistics);
    this.#digits?.end();
    for (const stop of this.#stopWatching) stop();
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
    this.media.attach(session);
    this.transition('earlyMedia');
    this.#reached.add('early-media');
    this.emit('mediaReady');
  }

  #receiveDigit(digit: DigitEvent): void {
    if (!this.#collector.receive(digit)) return;
    this.emit('digit', digit);
  }

  #watch(dialog: SipDialog): void {
    const requests = new DialogRequests(this.negotiation, {
      onDigit: (digit) => {
        this.media.digitStarted(digit.digit);
        this.#receiveDigit(digit);
      },
      onHold: (held) => this.#setHeld(held),
      mediaClock: () => this.clock.wallNow() - (this.#facts.answeredAt ?? this.clock.wallNow()),
    });
    this.#stopWatching = [
      dialog.on('bye', (request) => {
        const sip: SipReport = { event: 'bye', headers: request.headers };
        void this.end({ by: 'remote' }, sip, { notifyPeer: false });
      }),
      dialog.on('modify', (request) => requests.modify(request)),
      dialog.on('request', (request) => requests.handle(request)),
      dialog.on('broken', (reason) => {
        void this.end({ by: 'error', reason }, { event: 'broken', reason }, { notifyPeer: false });
      }),
    ];
  }

  #setHeld(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    this.emit(held ? 'held' : 'resumed');
  }

  #currentInfo(statistics?: MediaStatistics): CallInfo {
    return callInfo(this.#facts, this.#state, this.media.session, statistics, {
      instanceMethod: this.instance.dtmfMethod,
      now: this.clock.wallNow(),
    });
  }

  #recordingPath(template: string): string {
    return renderRecordingPath(
      template,
      {
        instance: this.instance.dn || this.instance.name,
        timestamp: new Date(this.clock.wallNow()),
        call: this.id,
        from: userOf(this.ref.from),
        to: userOf(this.ref.to),
      },
      this.instance.recordingsDir,
    );
  }

  #describeState(): string {
    return `it is ${this.#state}`;
  }
}

/** User part of a SIP URI, for file names; the whole text when it has none. */
function userOf(uri: string): string {
  return /^<?(?:sips?|tel):([^@;>]+)/i.exec(uri)?.[1] ?? uri;
}
