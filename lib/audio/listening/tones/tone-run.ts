import { LISTENING_RATE } from '../detector';
import { MAX_LINES, type ToneFrame, type ToneFrames } from './tone-frames';

/** A tone that was heard. Times are milliseconds of the audio; the first sample is 0. */
export interface Tone {
  startMs: number;
  /** End; while it sounds, the moment up to which it is known to. */
  endMs: number;
  /** Frequencies in Hz, strongest first: one, or up to four that sound together. */
  frequencies: number[];
  /** RMS level while it sounds, dBFS. */
  levelDbfs: number;
  /** Share of the energy that is in it, 0 to 1. */
  purity: number;
  /** Standard deviation of its strongest frequency, Hz; large too when two frequencies lie side by side. */
  spreadHz: number;
}

/** Range of the strongest frequency within a run, Hz: two tones 55 Hz apart are seen as one that moves. */
const MAX_RANGE_HZ = 62;
/** Least share of energy in tones at the beginning of a run, and while it lasts. */
const LEAST_AT_START = 0.72;
const LEAST_WITHIN = 0.6;
/** Quietest tone: −50 dBFS. */
const LEAST_POWER = 32_768 ** 2 * 1e-5;
/** A level that differs by more than this factor is that of an edge. */
const EDGE = 4;

/** Length of a beep, ms. */
const LEAST_BEEP_MS = 90;
const LONGEST_BEEP_MS = 2500;
/** Range of beeps, Hz: those of answering machines have 400 to 2600. */
const LOWEST_BEEP_HZ = 350;
const HIGHEST_BEEP_HZ = 2800;
/** A tone is steady: speech has less in one frequency and moves it. */
export const LEAST_PURITY = 0.8;
const MOST_SPREAD = 0.012;
const MOST_SPREAD_HZ = 6;

/** Frames one after the other that have the same frequencies: a tone that may be. */
export class ToneRun {
  /** Frames that fit, and those that have not since the last that did. */
  fits = 0;
  misses = 0;
  /** Middle of the window of the first and of the last frame that fits, in samples. */
  firstCentre = 0;
  lastCentre = 0;
  /** Mean square while it sounds. */
  level = 0;
  #levelHops = 0;
  #low = 0;
  #high = 0;
  #second = 0;
  #weight = 0;
  #meanFirst = 0;
  #meanSecond = 0;
  #squares = 0;
  #purity = 0;
  readonly #lines = new Float64Array(MAX_LINES);
  #lineCount = 0;
  #linePower = 0;

  static canStart({ power, purity }: ToneFrame): boolean {
    return purity >= LEAST_AT_START && power >= LEAST_POWER;
  }

  start(frame: ToneFrame, centre: number, hopPower: number): void {
    this.fits = 0;
    this.level = 0;
    this.#levelHops = 0;
    this.firstCentre = centre;
    this.#low = frame.first;
    this.#high = frame.first;
    this.#second = frame.second;
    this.#weight = 0;
    this.#meanFirst = 0;
    this.#meanSecond = 0;
    this.#squares = 0;
    this.#purity = 0;
    this.#lineCount = 0;
    this.#linePower = 0;
    this.add(frame, centre, hopPower);
  }

  /** Whether the frame is more of this tone. */
  accepts({ power, purity, first, second }: ToneFrame): boolean {
    if (purity < LEAST_WITHIN || power < LEAST_POWER) return false;
    if (second > 0 !== this.#second > 0) return false;
    if (second === 0) return this.#near(first);
    return this.#near(first) ? this.#nearSecond(second) : this.#near(second) && this.#nearSecond(first);
  }

  /** Adds a frame that it accepts. */
  add(frame: ToneFrame, centre: number, hopPower: number): void {
    const swapped = frame.second > 0 && !this.#near(frame.first);
    const first = swapped ? frame.second : frame.first;
    const second = swapped ? frame.first : frame.second;
    this.fits++;
    this.misses = 0;
    this.lastCentre = centre;
    this.#low = Math.min(this.#low, first);
    this.#high = Math.max(this.#high, first);
    this.#weight += frame.power;
    const part = frame.power / this.#weight;
    const away = first - this.#meanFirst;
    this.#meanFirst += part * away;
    this.#squares += frame.power * away * (first - this.#meanFirst);
    this.#meanSecond += part * (second - this.#meanSecond);
    this.#purity += part * (frame.purity - this.#purity);
    this.#addLevel(hopPower);
  }

  /** Takes the lines that were told apart in a longer window, when it is as full of the tone as those before. */
  addLines({ lines, lineCount, linePower }: ToneFrames): void {
    if (linePower < 0.9 * this.#linePower) return;
    this.#linePower = Math.max(linePower, this.#linePower);
    this.#lines.set(lines);
    this.#lineCount = lineCount;
  }

  /** Writes what is known of it into `tone`; times are the caller's. */
  describe(tone: Tone): void {
    tone.frequencies = this.#frequencies();
    tone.levelDbfs = 10 * Math.log10(this.level / 32_768 ** 2);
    tone.purity = this.#purity;
    tone.spreadHz = Math.sqrt(Math.max(0, this.#squares / this.#weight));
  }

  #frequencies(): number[] {
    if (this.#lineCount > 1) return Array.from(this.#lines.subarray(0, this.#lineCount));
    return this.#second > 0 ? [this.#meanFirst, this.#meanSecond] : [this.#meanFirst];
  }

  #near(hz: number): boolean {
    return hz - this.#low <= MAX_RANGE_HZ && this.#high - hz <= MAX_RANGE_HZ;
  }

  #nearSecond(hz: number): boolean {
    return Math.abs(hz - this.#second) <= MAX_RANGE_HZ;
  }

  #addLevel(power: number): void {
    if (power > EDGE * this.level) {
      this.level = power;
      this.#levelHops = 1;
    } else if (power * EDGE > this.level) {
      this.#levelHops++;
      this.level += (power - this.level) / this.#levelHops;
    }
  }
}

/** Whether a tone that has ended is a beep: of one steady frequency, and short. */
export function isBeep(tone: Readonly<Tone>): boolean {
  const length = tone.endMs - tone.startMs;
  const [hz] = tone.frequencies;
  return (
    tone.frequencies.length === 1 &&
    length >= LEAST_BEEP_MS &&
    length <= LONGEST_BEEP_MS &&
    hz >= LOWEST_BEEP_HZ &&
    hz <= HIGHEST_BEEP_HZ &&
    tone.purity >= LEAST_PURITY &&
    isSteady(tone)
  );
}

/** The frequency of a voice moves within 100 ms. Of two frequencies side by side the stronger changes; they are told apart. */
export function isSteady({ frequencies, spreadHz }: Readonly<Tone>): boolean {
  return frequencies.length > 1 || spreadHz <= Math.max(MOST_SPREAD_HZ, MOST_SPREAD * frequencies[0]);
}

/** Milliseconds of a number of samples. */
export function msOf(samples: number): number {
  return (samples * 1000) / LISTENING_RATE;
}
