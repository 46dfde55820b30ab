import { LISTENING_RATE } from '../detector';
import { HOP } from '../tones/tone-frames';
import { msOf, type Tone } from '../tones/tone-run';
import { V21Preamble } from './v21-preamble';

/** What tells a fax terminal: its calling tone, its answer tone (with reversals of the phase: ANSam or echo control), or its data. */
export interface FaxSignal {
  signal: 'cng' | 'ced' | 'v21';
  startMs: number;
  endMs: number;
  frequencies: number[];
  /** The answer tone turns its phase around every 450 ms (ITU-T V.25, V.8). */
  phaseReversals: boolean;
}

/** Calling tone of T.30: 1100 Hz ± 38 Hz, 500 ms ± 15 % every 3 s. */
const CNG_HZ = 1100;
const CNG_OFF_HZ = 42;
const CNG_LEAST_MS = 400;
const CNG_MOST_MS = 600;
/** Two of them are certain even when somebody has spoken. */
const CNG_LEAST_PAUSE_MS = 2400;
const CNG_MOST_PAUSE_MS = 3700;
/** Answer tone of T.30 and V.25: 2100 Hz ± 15 Hz, 2.6 to 4 s. */
const CED_HZ = 2100;
/** A beep of this frequency is shorter. */
const CED_MS = 1000;
/** Least share of the energy in the answer tone. */
const CED_SHARE = 0.6;
/** Hops that a lost packet or a reversal may take from it. */
const CED_HOLES = 5;
/** Reversals come every 450 ms. */
const REVERSAL_PAUSE_HOPS = 30;
/** Least mean square: −50 dBFS. */
const LEAST_POWER = 32_768 ** 2 * 1e-5;
/** Flags that are certain: 270 ms. */
const CERTAIN_FLAGS = 10;
const FLAG_MS = (8 * 1000) / 300;

const cedCos = Float64Array.from({ length: HOP }, (_, i) =>
  Math.cos((2 * Math.PI * CED_HZ * i) / LISTENING_RATE),
);
const cedSin = Float64Array.from({ length: HOP }, (_, i) =>
  Math.sin((2 * Math.PI * CED_HZ * i) / LISTENING_RATE),
);

/** Listens for the tones of fax terminals. Nothing is allocated for each push. */
export class FaxTones {
  /** What was heard; undefined before. */
  heard: FaxSignal | undefined;
  readonly #preamble = new V21Preamble();
  readonly #answer = new AnswerTone();
  #lastCngMs = -Infinity;
  #samples = 0;

  push(pcm: Int16Array, offset: number, count: number): void {
    this.#preamble.push(pcm, offset, count);
    this.#answer.push(pcm, offset, count);
    this.#samples += count;
    if (this.#answer.lengthMs >= CED_MS) this.#hear('ced', this.#answer.startMs, CED_HZ);
    if (this.heard?.signal === 'ced') {
      this.heard.phaseReversals = this.#answer.reversals > 0;
      this.heard.endMs = Math.max(this.heard.endMs, this.#answer.endMs);
    }
    const { flags } = this.#preamble;
    if (flags >= CERTAIN_FLAGS) this.#hear('v21', msOf(this.#samples) - flags * FLAG_MS, 1650, 1850);
  }

  /**
   * A tone has ended: it may be the calling tone.
   *
   * @param afterSpeech somebody has spoken before: then a single one may be the beep of an answering machine.
   */
  toneEnded({ startMs, endMs, frequencies }: Readonly<Tone>, afterSpeech: boolean): void {
    const length = endMs - startMs;
    if (frequencies.length !== 1 || Math.abs(frequencies[0] - CNG_HZ) > CNG_OFF_HZ) return;
    if (length < CNG_LEAST_MS || length > CNG_MOST_MS) return;
    const pause = startMs - this.#lastCngMs;
    this.#lastCngMs = endMs;
    const isRepeated = pause >= CNG_LEAST_PAUSE_MS && pause <= CNG_MOST_PAUSE_MS;
    if (!afterSpeech || isRepeated) this.#hear('cng', startMs, Math.round(frequencies[0]));
    if (this.heard?.signal === 'cng') this.heard.endMs = endMs;
  }

  #hear(signal: FaxSignal['signal'], startMs: number, ...frequencies: number[]): void {
    this.heard ??= { signal, startMs, endMs: msOf(this.#samples), frequencies, phaseReversals: false };
  }
}

/** Follows 2100 Hz and the phase of it. */
class AnswerTone {
  startMs = 0;
  endMs = 0;
  /** Reversals of the phase since it began. */
  reversals = 0;
  #hop = 0;
  #filled = 0;
  #re = 0;
  #im = 0;
  #energy = 0;
  #holes = CED_HOLES + 1;
  #sinceReversal = 0;
  /** Phases of the last two hops, and how far the phase turns in one since the frequency is not quite 2100 Hz. */
  #last = NaN;
  #beforeLast = NaN;
  #turn = 0;

  get lengthMs(): number {
    return this.endMs - this.startMs;
  }

  push(pcm: Int16Array, offset: number, count: number): void {
    for (let i = offset; i < offset + count; i++) {
      const value = pcm[i];
      this.#re += value * cedCos[this.#filled];
      this.#im += value * cedSin[this.#filled];
      this.#energy += value * value;
      if (++this.#filled === HOP) this.#endHop();
    }
  }

  #endHop(): void {
    const share = (2 * (this.#re ** 2 + this.#im ** 2)) / (HOP * this.#energy);
    const isTone = this.#energy >= LEAST_POWER * HOP && share >= CED_SHARE;
    const phase = isTone ? Math.atan2(this.#im, this.#re) : NaN;
    this.#hop++;
    this.#filled = 0;
    this.#re = 0;
    this.#im = 0;
    this.#energy = 0;
    this.#sinceReversal++;
    if (!isTone && ++this.#holes > CED_HOLES) this.#end();
    if (isTone) this.#follow(phase);
    this.#beforeLast = this.#last;
    this.#last = phase;
  }

  #follow(phase: number): void {
    if (this.#holes > CED_HOLES) {
      this.startMs = msOf((this.#hop - 1) * HOP);
      this.reversals = 0;
      this.#turn = 0;
      this.#sinceReversal = 0;
    }
    this.#holes = 0;
    this.endMs = msOf(this.#hop * HOP);
    const step = wrap(phase - this.#last);
    // A hop that holds the reversal itself says nothing: the one before it is compared too.
    const twice = wrap(phase - this.#beforeLast - 2 * this.#turn);
    if (Math.abs(wrap(step - this.#turn)) < 0.8) this.#turn += 0.2 * wrap(step - this.#turn);
    if (Math.abs(twice) > 2.2 && this.#sinceReversal >= REVERSAL_PAUSE_HOPS) {
      this.reversals++;
      this.#sinceReversal = 0;
    }
  }

  #end(): void {
    this.startMs = 0;
    this.endMs = 0;
  }
}

/** An angle between −π and π. */
function wrap(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
