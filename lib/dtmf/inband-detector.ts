import { DualToneAnalyser } from './dual-tone-analyser';
import { KEYPAD } from './frequencies';
import type { DigitSink } from './rfc4733-receiver';
import { NO_KEY } from './tone-block';

/**
 * Half blocks that must agree. A tone of 40 ms fills at least four whatever its position, one of 20 ms, which
 * ITU-T Q.24 wants ignored, at most three.
 */
const AGREEING = 4;
/** Half blocks without the tone that end it: 19 ms, less than the pause between digits, more than a dropout. */
const MISSES = 3;
/** Mean deviation from the nominal frequency that is accepted: Q.24 accepts 1.5 % and rejects 3.5 %. */
const MAX_DEVIATION = 0.0185;
/**
 * How far the deviations of the two tones may lie apart. The third and fourth harmonic of a voice at 308 Hz look
 * like `*` but for being 3.7 % apart from its ratio; tones within 1.5 % are at most 3 % apart.
 */
const MAX_DIVERGENCE = 0.034;

/** Least mean part of the energy that is in the two tones. Voices seldom stay above it, tones at 10 dB SNR do. */
const MIN_PURITY = 0.765;

/**
 * Largest change of the twist (level ratio of the two tones) within a digit, as a power ratio: 4.5 dB. At 10 dB SNR
 * digits stay within 3.5 dB; the harmonics of a voice change each by itself, mostly by more where speech was taken for
 * digits.
 */
const MAX_TWIST_CHANGE = 2.8;
/** Largest twist in the middle of its range, either way: 9.5 dB. Q.24 wants 4 and 8 dB accepted. */
const MAX_MEAN_TWIST = 8.9;
/** Least power of a running digit's tones, as a part of their power at its start. */
const HELD_POWER = 1 / 8;

export interface InbandDetectorOptions {
  /** Sample rate of the audio in Hz, 8000 or more. */
  sampleRate: number;
}

/**
 * In-band DTMF detector (ITU-T Q.24). Takes the stream as it comes, in pieces of any length, and reports like the
 * RFC 4733 receiver. Time is the number of samples taken in, so gaps in the stream should be filled with silence.
 * Nothing is allocated per call.
 */
export class InbandDetector {
  readonly #analyser: DualToneAnalyser;
  readonly #sink: DigitSink;
  readonly #hopMs: number;
  /** The key that is being heard and how many half blocks agreed on it. */
  #key = NO_KEY;
  #hits = 0;
  #misses = 0;
  #started = false;
  #firstHop = 0;
  #hop = 0;
  /** The tones of the key are harmonics of a voice: no digit until the key changes. */
  #voice = false;
  #purity = 0;
  /** Power of the digit's tones at its start, when it became certain. */
  #power = 0;
  #leastTwist = 1;
  #mostTwist = 1;
  #rowDeviation = 0;
  #columnDeviation = 0;

  constructor(options: InbandDetectorOptions, sink: DigitSink) {
    this.#analyser = new DualToneAnalyser(options.sampleRate);
    this.#hopMs = (this.#analyser.hop / options.sampleRate) * 1000;
    this.#sink = sink;
  }

  /** Whether a digit has begun and is not complete. */
  get active(): boolean {
    return this.#started;
  }

  /**
   * Listens to `count` samples from `offset` on. `startedAtMs` of a digit counts from the first sample ever.
   *
   * @param still all samples are the same, as in silence, which costs less to analyse.
   */
  add(samples: Int16Array, offset = 0, count = samples.length - offset, still = false): void {
    const end = offset + count;
    for (let at = offset; at < end;) {
      at += this.#analyser.fill(samples, at, end - at, still);
      if (this.#analyser.complete()) this.#step(this.#holds() ? this.#key : this.#analyser.key);
    }
  }

  /** Completes a running digit because the stream ends. */
  flush(): void {
    this.#end();
  }

  /** A digit that is certain goes on while its tones stand out, whatever else begins to sound. */
  #holds(): boolean {
    const { key, candidate, candidatePower } = this.#analyser;
    return (
      this.#started && key === NO_KEY && candidate === this.#key && candidatePower >= HELD_POWER * this.#power
    );
  }

  #step(key: number): void {
    this.#hop++;
    if (this.#key !== NO_KEY && key === this.#key) this.#hit();
    else if (this.#key !== NO_KEY && key === NO_KEY) this.#miss();
    else if (key !== NO_KEY) this.#begin(key);
  }

  #begin(key: number): void {
    this.#end();
    this.#key = key;
    this.#firstHop = this.#hop;
    this.#hits = 1;
    this.#misses = 0;
    this.#voice = false;
    this.#purity = this.#analyser.purity;
    this.#leastTwist = this.#analyser.twist;
    this.#mostTwist = this.#leastTwist;
    this.#rowDeviation = 0;
    this.#columnDeviation = 0;
  }

  #hit(): void {
    // A dropout inside a digit belongs to it.
    this.#hits += 1 + this.#misses;
    this.#misses = 0;
    if (this.#started || this.#voice) return;
    this.#purity += this.#analyser.purity;
    this.#leastTwist = Math.min(this.#leastTwist, this.#analyser.twist);
    this.#mostTwist = Math.max(this.#mostTwist, this.#analyser.twist);
    this.#rowDeviation += this.#analyser.rowDeviation;
    this.#columnDeviation += this.#analyser.columnDeviation;
    if (this.#hits < AGREEING || !this.#isDigit()) return;
    this.#voice = this.#isVoice();
    if (this.#voice) return;
    this.#started = true;
    this.#power = this.#analyser.candidatePower;
    this.#sink.start(KEYPAD[this.#key]);
  }

  #miss(): void {
    // Before the digit is certain a single disagreement starts the count anew.
    if (!this.#started || ++this.#misses >= MISSES) this.#end();
  }

  #isDigit(): boolean {
    const intervals = this.#hits - 1;
    const middle = this.#leastTwist * this.#mostTwist;
    return (
      this.#mostTwist <= MAX_TWIST_CHANGE * this.#leastTwist &&
      middle <= MAX_MEAN_TWIST ** 2 &&
      middle >= MAX_MEAN_TWIST ** -2 &&
      this.#purity >= MIN_PURITY * this.#hits &&
      Math.abs(this.#rowDeviation) <= MAX_DEVIATION * intervals &&
      Math.abs(this.#columnDeviation) <= MAX_DEVIATION * intervals &&
      Math.abs(this.#rowDeviation - this.#columnDeviation) <= MAX_DIVERGENCE * intervals
    );
  }

  #isVoice(): boolean {
    const intervals = this.#hits - 1;
    return this.#analyser.isVoice(this.#rowDeviation / intervals, this.#columnDeviation / intervals);
  }

  #end(): void {
    const key = this.#key;
    const wasStarted = this.#started;
    this.#key = NO_KEY;
    this.#started = false;
    if (!wasStarted) return;
    // The first agreeing block ends with hop `firstHop`; on average the tone began two halves before.
    const startedAtMs = Math.max(0, (this.#firstHop - 2) * this.#hopMs);
    this.#sink.digit(KEYPAD[key], startedAtMs, this.#hits * this.#hopMs);
  }
}
