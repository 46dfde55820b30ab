import { type Failure, SipflowError } from '../../common';
import type { MediaEngine, MediaSession, MediaStatistics, PlaybackEnd, Speech } from '../../media';
import type { CallContext } from '../call-context';
import type {
  CallRecording,
  CallState,
  ListenOptions,
  ListenReport,
  PlaybackReport,
  PlayOptions,
  RecordingReport,
  RecordOptions,
  Running,
} from '../types';
import { waitForOne } from '../wait';
import { soundOf, sourceName } from './audio-source';
import { listenOn, listenRequest } from './listen';
import { prepareReferences } from './references';

/** Call of the media. */
export interface CallMediaHost {
  /** Absolute path of a recording for a file template. */
  recordingPath(template: string): string;
  /** The call's state, for MEDIA_NOT_READY. */
  readonly state: CallState;
  /** CALL_ENDED with who and when. */
  endedError(): SipflowError;
}

/** A pending request for the media session. */
interface Waiter {
  settle(session: MediaSession): void;
  fail(error: Error): void;
}

/** Files that a call remembers: the latest. */
const MAX_RECORDINGS = 100;
const NO_RECORDINGS: readonly CallRecording[] = [];

/** Called with every digit that begins. */
type DigitObserver = (digit: string) => void;

/** Playing and recording on one call. Everything here waits for the media session, and ends with the call. */
export class CallMedia {
  #session: MediaSession | undefined;
  #startedAt: number | undefined;
  #over = false;
  /** Whether a recording was ever begun. */
  #recorded = false;
  #peerLost: Failure | undefined;
  #answeredAt: number | undefined;
  #recordings: CallRecording[] | undefined;
  /** Made for the first one who waits; most calls have neither waiters nor observers. */
  #waiters: Set<Waiter> | undefined;
  #observers: Set<DigitObserver> | undefined;

  /** Hidden, because a call that a flow puts into JSON must have no circles. */
  readonly #call: CallMediaHost;

  constructor(
    private readonly context: Pick<CallContext, 'clock' | 'engine' | 'speech' | 'phone'>,
    call: CallMediaHost,
  ) {
    this.#call = call;
  }

  /** What makes sounds and references of sources. */
  get #sources(): { audioDir: string; engine: MediaEngine; speech: Speech } {
    const { engine, speech, phone } = this.context;
    return { audioDir: phone.audioDir, engine, speech };
  }

  get session(): MediaSession | undefined {
    return this.#session;
  }

  /** When the session was opened, in milliseconds since the epoch. */
  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  get recordings(): readonly CallRecording[] {
    return this.#recordings ?? NO_RECORDINGS;
  }

  /** The first completed offer/answer opened the session: releases everyone who waits for it. */
  attach(session: MediaSession): void {
    this.#session = session;
    this.#startedAt ??= this.context.clock.wallNow();
    for (const waiter of [...(this.#waiters ?? [])]) waiter.settle(session);
  }

  /** The call ends because its peer is gone: recordings that this cuts off report the failure. */
  peerLost(failure: Failure): void {
    this.#peerLost = failure;
  }

  /** No waiter is released with media from here on. */
  abandon(): void {
    this.#over = true;
    for (const waiter of [...(this.#waiters ?? [])]) waiter.fail(this.#call.endedError());
  }

  /**
   * The session as soon as there is one. Rejects with MEDIA_NOT_READY (naming the call's state) after the
   * phone's `mediaTimeout`, with CALL_ENDED when the call ends first (pitfall 1).
   */
  ready(): Promise<MediaSession> {
    if (this.#over) return Promise.reject(this.#call.endedError());
    if (this.#session) return Promise.resolve(this.#session);
    const { clock, phone } = this.context;
    const { mediaTimeout } = phone;
    return waitForOne<MediaSession>({
      clock,
      timeoutMs: mediaTimeout * 1000,
      onTimeout: () =>
        new SipflowError(
          'MEDIA_NOT_READY',
          `The call has no media after ${mediaTimeout} s: it is ${this.#call.state}. Play, record and DTMF work after the answer or with early media.`,
        ),
      begin: (settle, fail) => {
        const waiters = (this.#waiters ??= new Set());
        const waiter = { settle, fail };
        waiters.add(waiter);
        return [() => waiters.delete(waiter)];
      },
    });
  }

  async play(options: PlayOptions): Promise<Running<PlaybackReport>> {
    const source = await soundOf(options.source, this.#sources);
    const session = await this.ready();
    const playback = session.play({
      source,
      strict: options.strict ?? false,
      loop: options.loop ?? false,
      offsetMs: seconds(options.offset),
      maxDurationMs: seconds(options.maxDuration),
      mix: options.mix ?? false,
    });
    let interruptedBy: string | undefined;
    const stopObserving = this.#observe(options.bargeIn ?? 'none', (digit) => {
      interruptedBy = digit;
      playback.stop('dtmf');
    });
    const finished = playback.finished
      .then((result): PlaybackReport => ({
        source: sourceName(options.source),
        ...result,
        ...(interruptedBy !== undefined && result.reason === 'dtmf' ? { digit: interruptedBy } : {}),
      }))
      .finally(stopObserving);
    finished.catch(ignoreUntilAwaited);
    await playback.started;
    return {
      finished,
      stop: () => playback.stop('stopped'),
      pause: () => playback.pause(),
      resume: () => playback.resume(),
    };
  }

  async record(options: RecordOptions): Promise<Running<RecordingReport>> {
    const file = this.#call.recordingPath(options.file);
    const session = await this.ready();
    this.#recorded = true;
    const recording = session.record({
      file,
      channels: options.channels ?? 'mixed',
      beep: options.beep ?? false,
      maxDurationMs: seconds(options.maxDuration),
      silenceStopMs: seconds(options.silenceStop),
      ...(options.silenceLevel === undefined ? {} : { silenceLevelDbfs: options.silenceLevel }),
    });
    let terminator: string | undefined;
    const stopObserving = this.#observe(options.terminator ? options.terminator : 'none', (digit) => {
      terminator = digit;
      recording.stop('terminator');
    });
    const finished = recording.finished
      .then((result): RecordingReport => ({
        ...result,
        ...(terminator !== undefined && result.reason === 'terminator' ? { terminator } : {}),
        ...(this.#peerLost && result.reason === 'hangup' ? { failure: this.#peerLost } : {}),
      }))
      .finally(stopObserving);
    finished.catch(ignoreUntilAwaited);
    this.#remember((await recording.started).file, finished);
    return {
      finished,
      stop: () => recording.stop('stopped'),
      pause: () => recording.pause(),
      resume: () => recording.resume(),
    };
  }

  /** The call is answered: greetings are timed from here. */
  answered(): void {
    this.#answeredAt = this.context.clock.now();
    this.#session?.answered(0);
  }

  async listen(options: ListenOptions): Promise<ListenReport> {
    const { clock } = this.context;
    const request = listenRequest(options);
    const isForPrompt = request.for === 'prompt';
    const references = isForPrompt ? prepareReferences(options.reference, this.#sources) : undefined;
    references?.catch(ignoreUntilAwaited);
    const session = await this.ready();
    const listened = listenOn(session, request, references, options.signal);
    if (this.#answeredAt !== undefined) session.answered(clock.now() - this.#answeredAt);
    return listened;
  }

  /** A digit began: prompts with barge-in stop and recordings with this terminator end. */
  digitStarted(digit: string): void {
    for (const observer of [...(this.#observers ?? [])]) observer(digit);
  }

  stopSending(reason: PlaybackEnd): void {
    this.#session?.stopSending(reason);
  }

  /** Undefined when nothing was ever recorded, as in most calls. */
  finishRecordings(): Promise<void> | undefined {
    return this.#recorded ? this.#session?.finishRecordings('hangup') : undefined;
  }

  /** Undefined without a session. */
  close(): Promise<MediaStatistics> | undefined {
    return this.#session?.close();
  }

  #remember(file: string, finished: Promise<RecordingReport>): void {
    const recording: { -readonly [K in keyof CallRecording]: CallRecording[K] } = { file, final: false };
    const recordings = (this.#recordings ??= []);
    if (recordings.length === MAX_RECORDINGS) recordings.shift();
    recordings.push(recording);
    const settle = (report?: RecordingReport): void => {
      recording.final = true;
      if (report) recording.report = report;
    };
    finished.then(settle, () => settle());
  }

  /** Watches for digits: `none`, `any`, or the digits that count. The returned function stops watching. */
  #observe(digits: string, onDigit: (digit: string) => void): () => void {
    if (digits === 'none' || digits === '') return () => undefined;
    const wanted = digits.toUpperCase();
    const observer: DigitObserver = (digit) => {
      if (digits === 'any' || wanted.includes(digit)) onDigit(digit);
    };
    const observers = (this.#observers ??= new Set());
    observers.add(observer);
    return () => observers.delete(observer);
  }
}

function seconds(value: number | undefined): number {
  return Math.round((value ?? 0) * 1000);
}

/** The caller awaits `finished` later; until then a failure is not an unhandled rejection. */
function ignoreUntilAwaited(): void {}
