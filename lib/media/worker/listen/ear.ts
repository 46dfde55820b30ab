import {
  BLOCK_SAMPLES,
  Conversation,
  type Detection,
  LISTENING_RATE,
  type NamedReference,
  SoundActivity,
  type Spurt,
  type Stretch,
} from '../../../audio';
import { type Failure, toSipflowError } from '../../../common';
import type { MediaEvent } from '../../protocol';
import type { ListenRequest, ListenResult } from '../../types';
import { RateAdapter } from '../play/rate-adapter';
import { Decimator } from './decimator';
import { createDetector } from './detectors';
import { AudioHistory } from './history';
import { Listener } from './listener';
import { PeerClock } from './peer-clock';
import { reportOf } from './report';
import { SentSound } from './sent-sound';
import { WorkBudget } from './work-budget';

/** Listeners of one session at the same time. */
const MOST_LISTENERS = 16;
/** Blocks that are closed in one packet time: after a stall the rest follows in the next ones. */
const MOST_CLOSED = 40;
/** Longest time that a listener is given to catch up with the audio after its time is over, milliseconds. */
const PATIENCE_MS = 5000;

/** Shared by all sessions of the thread. */
const budget = new WorkBudget();
const hasTime = (): boolean => {
  const now = performance.now();
  budget.spent(now - begun);
  begun = now;
  return budget.allows(now);
};
let begun = 0;

type ListenEvent =
  Extract<MediaEvent, { listening: number }> extends infer Event
    ? Event extends { port: number }
      ? Omit<Event, 'port'>
      : never
    : never;

/**
 * What a session hears and says, for those who listen: keeps the last received audio by the peer's clock, knows who
 * sounded when, and runs the listeners. Made for the first listener, or with a session that remembers its audio.
 */
export class Ear {
  readonly #clock = new PeerClock();
  readonly #history: AudioHistory;
  readonly #activity = new SoundActivity();
  readonly #conversation = new Conversation();
  readonly #sent = new SentSound(this.#conversation);
  #listeners: readonly Listener[] = [];
  #decimator: { ratio: number; filter: Decimator } | undefined;
  #adapter: RateAdapter | undefined;
  /** Where the last frame ended, on the peer's clock at its own rate. */
  #frameEnd = NaN;
  /** From positions of the session to those of the history, so that packets lie on whole blocks. */
  #shift = 0;
  #isPlaced = false;
  /** The sound of the other side that is under way. */
  #theirs: { spurt: Spurt; stretch: Stretch } | undefined;
  #answeredMs: number | undefined;
  /** Session time of the packet time before. */
  #tickedMs: number;
  /** Block with which the history began. */
  readonly #firstBlock: number;

  /** @param nowMs the session's clock. */
  constructor(
    nowMs: number,
    private readonly emit: (event: ListenEvent) => void,
  ) {
    this.#history = new AudioHistory(Math.round((nowMs * LISTENING_RATE) / 1000));
    this.#firstBlock = this.#history.oldest;
    this.#tickedMs = nowMs;
  }

  /** Begins to listen; what comes of it is an event. */
  listen(id: number, request: ListenRequest, nowMs: number): void {
    if (this.#listeners.length >= MOST_LISTENERS) {
      this.emit({ type: 'listenFailed', listening: id, failure: TOO_MANY });
      return;
    }
    const start = this.#startOf(request, nowMs);
    const fromMs = this.#clock.sessionMs(start * BLOCK_SAMPLES);
    const listener = new Listener(id, request, start, fromMs, nowMs + request.timeoutMs);
    this.#listeners = [...this.#listeners, listener];
    if (request.for !== 'prompt') this.#equip(listener, []);
  }

  /** Gives a listener its prompts. */
  listenFor(id: number, references: readonly NamedReference[]): void {
    const listener = this.#listeners.find((each) => each.id === id);
    if (listener) this.#equip(listener, references);
  }

  stop(id: number, nowMs: number): void {
    const listener = this.#listeners.find((each) => each.id === id);
    if (listener) this.#conclude(listener, 'stopped', undefined, nowMs);
  }

  /** The call was answered at that session time. */
  answered(atMs: number): void {
    this.#answeredMs ??= atMs;
  }

  /**
   * Takes received audio as it arrives; see `InboundListener.recorded`.
   */
  received(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    position: number,
    arrival: number,
    restarted: boolean,
  ): void {
    const follows = position === this.#frameEnd && !restarted;
    this.#frameEnd = position + count;
    const ratio = LISTENING_RATE / sampleRate;
    const samples = this.#atListeningRate(pcm, count, sampleRate, follows);
    const at = Math.round(position * ratio);
    if (restarted || !this.#isPlaced) this.#place(at);
    this.#clock.accept(at + this.#shift, Math.round(arrival * ratio));
    this.#history.write(samples, Math.floor(count * ratio), at + this.#shift);
  }

  /** Takes the audio that is sent at a session time. */
  sent(pcm: Int16Array, count: number, sampleRate: number, atMs: number): void {
    this.#sent.accept(pcm, count, sampleRate, atMs);
  }

  /** A digit is being sent, which is a sound of ours too. */
  sentDigit(atMs: number, durationMs: number): void {
    this.#sent.digit(atMs, durationMs);
  }

  /**
   * Once per packet time: closes what had settled a packet time ago, and lets the listeners hear it. A thread that was held
   * up ticks first and reads afterwards what has come meanwhile.
   */
  tick(nowMs: number): void {
    begun = performance.now();
    this.#close(this.#clock.settled(this.#tickedMs), MOST_CLOSED);
    this.#tickedMs = nowMs;
    const listeners = this.#listeners;
    for (let index = 0; index < listeners.length; index++) this.#work(listeners[index], nowMs);
  }

  /** The session ends: the listeners get the rest of the audio. */
  finish(nowMs: number): void {
    this.#close(this.#clock.position(nowMs), Infinity);
    for (const listener of this.#listeners) {
      const heard = this.#guarded(listener, () => listener.work(this.#history, () => true) ?? listener.end());
      if (heard !== FAILED) this.#conclude(listener, heard ? 'heard' : 'ended', heard, nowMs);
    }
    this.#history.free();
  }

  #work(listener: Listener, nowMs: number): void {
    const heard = hasTime()
      ? this.#guarded(listener, () => listener.work(this.#history, hasTime))
      : undefined;
    if (heard === FAILED) return;
    if (heard) this.#conclude(listener, 'heard', heard, nowMs);
    else if (listener.refuted) this.#conclude(listener, 'not-heard', undefined, nowMs);
    else if (nowMs >= listener.untilMs) this.#timeOut(listener, nowMs);
  }

  #timeOut(listener: Listener, nowMs: number): void {
    const isBehind = listener.isReady && !listener.isUpTo(this.#history);
    if (isBehind && nowMs < listener.untilMs + PATIENCE_MS) return;
    const heard = this.#guarded(listener, () => listener.end());
    if (heard !== FAILED) this.#conclude(listener, heard ? 'heard' : 'not-heard', heard, nowMs);
  }

  #equip(listener: Listener, references: readonly NamedReference[]): void {
    this.#guarded(listener, () => {
      listener.use(createDetector(listener.request, references, this.#activity.floorDbfs));
      return undefined;
    });
  }

  /** A detector must not end the session: its listener fails. */
  #guarded(listener: Listener, step: () => Detection | undefined): Detection | undefined | typeof FAILED {
    try {
      return step();
    } catch (error) {
      this.#remove(listener);
      const failure = toSipflowError(error).toFailure();
      this.emit({ type: 'listenFailed', listening: listener.id, failure });
      return FAILED;
    }
  }

  #conclude(
    listener: Listener,
    reason: ListenResult['reason'],
    detection: Detection | undefined,
    nowMs: number,
  ): void {
    this.#remove(listener);
    const parts = { history: this.#history, clock: this.#clock, conversation: this.#conversation };
    const result = reportOf(listener, { ...parts, reason, detection, nowMs, answeredMs: this.#answeredMs });
    this.emit({ type: 'listened', listening: listener.id, result });
  }

  #remove(listener: Listener): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }

  /** First block of a listening. */
  #startOf({ since }: ListenRequest, nowMs: number): number {
    const oldest = this.#history.oldest;
    const now = Math.max(oldest, Math.floor(this.#clock.position(nowMs) / BLOCK_SAMPLES));
    if (since === 'now') return now;
    const sentMs = this.#conversation.ourEndMs;
    if (since === 'start') return oldest;
    if (sentMs === undefined) return now;
    return Math.min(now, Math.max(oldest, Math.floor(this.#clock.position(sentMs) / BLOCK_SAMPLES)));
  }

  #close(settled: number, most: number): void {
    const last = Math.floor(settled / BLOCK_SAMPLES);
    for (let count = 0; this.#history.closed < last && count < most; count++) {
      const block = this.#history.closed;
      this.#history.closeNext();
      this.#history.read(block, this.#notice);
    }
    this.#followTheirs();
  }

  readonly #notice = (samples: Int16Array, offset: number, lost: boolean): void =>
    this.#activity.push(samples, offset, lost);

  /** Keeps the other side's stretch up to date. */
  #followTheirs(): void {
    const { spurt } = this.#activity;
    if (!spurt) return;
    const known = this.#theirs;
    if (known && known.spurt !== spurt) {
      known.stretch.endMs = this.#heardAt(known.spurt.endMs);
      known.stretch.open = false;
    }
    if (known?.spurt !== spurt) {
      const stretch = this.#conversation.theyBegan(
        spurt.kind,
        this.#heardAt(spurt.startMs),
        this.#heardAt(spurt.endMs),
      );
      this.#theirs = { spurt, stretch };
    }
    const stretch = this.#theirs?.stretch;
    if (!stretch?.open) return;
    stretch.endMs = this.#heardAt(spurt.endMs);
    stretch.open = !spurt.over;
    stretch.kind = spurt.kind;
  }

  /** Session time of a time of the activity, which began with the history. */
  #heardAt(ms: number): number {
    return this.#clock.sessionMs(this.#firstBlock * BLOCK_SAMPLES + (ms * LISTENING_RATE) / 1000);
  }

  /** A stream begins: its packets are laid on whole blocks, so that edges of sounds are where packets begin. */
  #place(at: number): void {
    this.#isPlaced = true;
    this.#shift = (BLOCK_SAMPLES - (at % BLOCK_SAMPLES)) % BLOCK_SAMPLES;
    this.#clock.restart();
  }

  #atListeningRate(pcm: Int16Array, count: number, sampleRate: number, follows: boolean): Int16Array {
    if (sampleRate === LISTENING_RATE) return pcm;
    const ratio = sampleRate / LISTENING_RATE;
    if (!Number.isInteger(ratio) || ratio > 8) {
      this.#adapter ??= new RateAdapter();
      return this.#adapter.convert(pcm, count, sampleRate, LISTENING_RATE);
    }
    if (this.#decimator?.ratio !== ratio) this.#decimator = { ratio, filter: new Decimator(ratio) };
    return this.#decimator.filter.convert(pcm, count, follows);
  }
}

const FAILED = Symbol('failed');

const TOO_MANY: Failure = {
  code: 'CALL_STATE',
  message: `This call already has ${MOST_LISTENERS} listeners.`,
};
