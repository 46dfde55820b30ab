import { PowerSpectrum } from '../../power-spectrum';
import { LISTENING_RATE } from '../detector';

/** Samples of a hop, 10 ms: the raster of levels and of the edges of tones. */
export const HOP = LISTENING_RATE / 100;
/** Samples from one spectrum to the next: 20 ms. */
export const FRAME = 2 * HOP;
/** Window of the spectrum that follows tones: 64 ms. */
export const SHORT = 512;
/** Window that tells 440 from 480 Hz: 128 ms. */
export const LONG = 1024;
/** Range in which tones are looked for, Hz. */
const LOWEST_HZ = 280;
const HIGHEST_HZ = 3700;
/** Below this there is hum and offset, which count neither for nor against a tone. */
const HUM_HZ = 100;
/** Bins to both sides of a peak that belong to its tone: 62 Hz, so that 440 and 480 Hz are one lump. */
const LUMP = 4;
/** Least share of a second lump in the first: 9 dB below, more than the levels of two tones of a network differ. */
const LEAST_SECOND = 0.12;
/** Most lines that are told of a tone. */
export const MAX_LINES = 4;
/** Least power of a line beside the strongest: 12 dB below. */
const LEAST_LINE = 0.063;

/** The strongest one or two lumps of energy in the last 64 ms. */
export interface ToneFrame {
  /** Mean square of the samples, without hum. */
  power: number;
  /** Frequency of the strongest lump, Hz. */
  first: number;
  /** Frequency of the second, or 0 when there is one only. */
  second: number;
  /** Share of the energy that is in these lumps, 0 to 1. */
  purity: number;
}

/** Looks for tones in windows of audio. Nothing is allocated after construction. */
export class ToneFrames {
  /** The result of the last `analyse`. */
  readonly frame: ToneFrame = { power: 0, first: 0, second: 0, purity: 0 };
  /** Frequencies of the last `resolve`, Hz, strongest first. */
  readonly lines = new Float64Array(MAX_LINES);
  lineCount = 0;
  /** Mean square of the window of the last `resolve`. */
  linePower = 0;
  readonly #short = new PowerSpectrum(SHORT);
  readonly #long = new PowerSpectrum(LONG);
  readonly #shortPower = new Float64Array(this.#short.bins);
  readonly #longPower = new Float64Array(this.#long.bins);

  /** Analyses `SHORT` samples from `start` on into `frame`. */
  analyse(samples: Float64Array, start: number): void {
    const power = this.#shortPower;
    this.#short.compute(samples, start, power);
    const { frame } = this;
    frame.power = sum(power, binOf(HUM_HZ, SHORT), power.length - 1);
    const best = strongest(power, binOf(LOWEST_HZ, SHORT), binOf(HIGHEST_HZ, SHORT));
    const lump = sum(power, best - LUMP, best + LUMP);
    frame.first = exactHz(power, best, SHORT);
    frame.second = 0;
    let inTones = lump;
    const other = strongestBut(power, binOf(LOWEST_HZ, SHORT), binOf(HIGHEST_HZ, SHORT), best);
    if (other > 0) {
      const from = other > best ? Math.max(other - LUMP, best + LUMP + 1) : other - LUMP;
      const to = other < best ? Math.min(other + LUMP, best - LUMP - 1) : other + LUMP;
      const second = sum(power, from, to);
      if (second >= LEAST_SECOND * lump) {
        frame.second = exactHz(power, other, SHORT);
        inTones += second;
      }
    }
    frame.purity = frame.power > 0 ? Math.min(1, inTones / frame.power) : 0;
  }

  /** Finds the lines in `LONG` samples from `start` on. */
  resolve(samples: Float64Array, start: number): void {
    const power = this.#longPower;
    this.#long.compute(samples, start, power);
    this.linePower = sum(power, binOf(HUM_HZ, LONG), power.length - 1);
    this.lineCount = 0;
    const from = binOf(LOWEST_HZ, LONG);
    const to = binOf(HIGHEST_HZ, LONG);
    let most = 0;
    while (this.lineCount < MAX_LINES) {
      const bin = this.#nextLine(power, from, to);
      if (bin === 0 || power[bin] < LEAST_LINE * most) return;
      most = Math.max(most, power[bin]);
      this.lines[this.lineCount++] = exactHz(power, bin, LONG);
    }
  }

  /** The strongest bin that is a peak and not part of a line that is known, or 0. */
  #nextLine(power: Float64Array, from: number, to: number): number {
    let best = 0;
    for (let bin = from; bin <= to; bin++) {
      if (power[bin] <= power[best] && best > 0) continue;
      if (power[bin] < power[bin - 1] || power[bin] < power[bin + 1]) continue;
      if (!this.#isKnown(bin)) best = bin;
    }
    return best;
  }

  /** Side lobes of a line are within two bins of it, and peaks nearer than that are not told apart. */
  #isKnown(bin: number): boolean {
    const hz = (bin * LISTENING_RATE) / LONG;
    for (let i = 0; i < this.lineCount; i++) {
      if (Math.abs(hz - this.lines[i]) < (2.5 * LISTENING_RATE) / LONG) return true;
    }
    return false;
  }
}

function binOf(hz: number, size: number): number {
  return Math.round((hz * size) / LISTENING_RATE);
}

function sum(power: Float64Array, from: number, to: number): number {
  const last = Math.min(to, power.length - 1);
  let total = 0;
  for (let bin = Math.max(0, from); bin <= last; bin++) total += power[bin];
  return total;
}

function strongest(power: Float64Array, from: number, to: number): number {
  let best = from;
  for (let bin = from + 1; bin <= to; bin++) if (power[bin] > power[best]) best = bin;
  return best;
}

/** The strongest bin outside the lump around `known`, or 0 when what is there only slopes down from the lump. */
function strongestBut(power: Float64Array, from: number, to: number, known: number): number {
  let best = 0;
  for (let bin = from; bin <= to; bin++) {
    if (Math.abs(bin - known) <= LUMP) continue;
    if (power[bin] < power[bin - 1] || power[bin] < power[bin + 1]) continue;
    if (best === 0 || power[bin] > power[best]) best = bin;
  }
  return best;
}

/** The frequency of a peak: the maximum of a parabola through the logarithms of three bins, Hz. */
function exactHz(power: Float64Array, bin: number, size: number): number {
  const before = Math.log(power[bin - 1] + 1e-9);
  const at = Math.log(power[bin] + 1e-9);
  const after = Math.log(power[bin + 1] + 1e-9);
  const curve = before - 2 * at + after;
  const shift = curve < 0 ? (0.5 * (before - after)) / curve : 0;
  return ((bin + Math.max(-0.5, Math.min(0.5, shift))) * LISTENING_RATE) / size;
}
