import { COLUMN_HZ, ROW_HZ } from './frequencies';

/** What `key` says when there is no digit in the block. */
export const NO_KEY = -1;

/** Half a block: 51 samples at 8 kHz, so that a block of 102 resolves the 73 Hz between the lower rows. */
const HOP_MS = 51 / 8;
/** Part of the block's energy that the two tones must have; white noise at 10 dB SNR leaves 0.91 of it. */
const MIN_TONE_ENERGY = 0.66;
/** 1.5 % of 1633 Hz over one half block, in radians. */
const MAX_PHASE_ERROR = 2 * Math.PI * 1633 * 0.015 * (HOP_MS / 1000);
/** Level ratio of the two tones that is accepted either way, as a power ratio: 12 dB, of which 4 are for leakage. */
const MAX_TWIST = 16;
/** How far the strongest tone of a group must be above the next, as a power ratio: 4 dB. */
const MIN_PEAK = 2.5;
/** Quietest block that is looked at: −45 dBFS RMS. */
const MIN_MEAN_SQUARE = 32_768 ** 2 * 10 ** (-45 / 10);
const TONES = 8;

/**
 * Looks for the two tones of a DTMF digit in blocks of 12.75 ms that overlap by half: Goertzel's algorithm at
 * the eight frequencies. Each half is computed once; a block is the sum of two halves, the earlier one turned
 * by the phase of the later. The phase from block to block tells the exact frequency, which the width of the
 * Goertzel filter cannot.
 */
export class DualToneAnalyser {
  /** Samples between two results. */
  readonly hop: number;
  /** The key (index into `KEYPAD`) of the last block, or `NO_KEY`. */
  key = NO_KEY;
  /** Part of the last block's energy that is in the two tones of `key`, 0 to about 1. */
  purity = 0;
  /** Relative deviation of the row tone from its nominal frequency since the block before; signed. */
  rowDeviation = 0;
  /** The same for the column tone. */
  columnDeviation = 0;

  readonly #samples: Float64Array;
  #filled = 0;
  readonly #coefficient = new Float64Array(TONES);
  readonly #cos = new Float64Array(TONES);
  readonly #sin = new Float64Array(TONES);
  /** Turns a half by the phase that a tone advances in one half: e^(j·ω·hop). */
  readonly #turnRe = new Float64Array(TONES);
  readonly #turnIm = new Float64Array(TONES);
  /** The phase that a tone advances in one half, in radians. */
  readonly #phasePerHop = new Float64Array(TONES);
  readonly #newestRe = new Float64Array(TONES);
  readonly #newestIm = new Float64Array(TONES);
  readonly #halfRe = new Float64Array(TONES);
  readonly #halfIm = new Float64Array(TONES);
  readonly #blockRe = new Float64Array(TONES);
  readonly #blockIm = new Float64Array(TONES);
  readonly #beforeRe = new Float64Array(TONES);
  readonly #beforeIm = new Float64Array(TONES);
  readonly #power = new Float64Array(TONES);
  #halfEnergy = 0;

  constructor(sampleRate: number) {
    this.hop = Math.round((HOP_MS * sampleRate) / 1000);
    this.#samples = new Float64Array(this.hop);
    [...ROW_HZ, ...COLUMN_HZ].forEach((hz, i) => {
      const omega = (2 * Math.PI * hz) / sampleRate;
      this.#coefficient[i] = 2 * Math.cos(omega);
      this.#cos[i] = Math.cos(omega);
      this.#sin[i] = Math.sin(omega);
      this.#phasePerHop[i] = omega * this.hop;
      this.#turnRe[i] = Math.cos(omega * this.hop);
      this.#turnIm[i] = Math.sin(omega * this.hop);
    });
  }

  /** Takes up to `count` samples, no more than complete a half block; returns how many. */
  fill(samples: Int16Array, offset: number, count: number): number {
    const taken = Math.min(count, this.hop - this.#filled);
    for (let i = 0; i < taken; i++) this.#samples[this.#filled + i] = samples[offset + i];
    this.#filled += taken;
    return taken;
  }

  /** Whether another half block is complete; if so, `key` and the deviations are those of the new block. */
  complete(): boolean {
    if (this.#filled < this.hop) return false;
    this.#filled = 0;
    let energy = 0;
    for (let i = 0; i < this.hop; i++) energy += this.#samples[i] * this.#samples[i];
    this.#filterGroup(0);
    this.#filterGroup(4);
    for (let tone = 0; tone < TONES; tone++) this.#addHalf(tone);
    this.key = this.#classify(energy + this.#halfEnergy);
    this.#halfEnergy = energy;
    return true;
  }

  /** Goertzel over the new half for four tones side by side; one at a time would wait for itself. */
  #filterGroup(first: number): void {
    const samples = this.#samples;
    const c0 = this.#coefficient[first];
    const c1 = this.#coefficient[first + 1];
    const c2 = this.#coefficient[first + 2];
    const c3 = this.#coefficient[first + 3];
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      const n0 = sample - b0 + c0 * a0;
      const n1 = sample - b1 + c1 * a1;
      const n2 = sample - b2 + c2 * a2;
      const n3 = sample - b3 + c3 * a3;
      b0 = a0;
      b1 = a1;
      b2 = a2;
      b3 = a3;
      a0 = n0;
      a1 = n1;
      a2 = n2;
      a3 = n3;
    }
    this.#newestRe[first] = a0 - this.#cos[first] * b0;
    this.#newestRe[first + 1] = a1 - this.#cos[first + 1] * b1;
    this.#newestRe[first + 2] = a2 - this.#cos[first + 2] * b2;
    this.#newestRe[first + 3] = a3 - this.#cos[first + 3] * b3;
    this.#newestIm[first] = this.#sin[first] * b0;
    this.#newestIm[first + 1] = this.#sin[first + 1] * b1;
    this.#newestIm[first + 2] = this.#sin[first + 2] * b2;
    this.#newestIm[first + 3] = this.#sin[first + 3] * b3;
  }

  /** Joins the new half, referred to the phase of its last sample, with the half before to a block. */
  #addHalf(tone: number): void {
    const re = this.#newestRe[tone];
    const im = this.#newestIm[tone];
    this.#beforeRe[tone] = this.#blockRe[tone];
    this.#beforeIm[tone] = this.#blockIm[tone];
    this.#blockRe[tone] =
      re + this.#halfRe[tone] * this.#turnRe[tone] - this.#halfIm[tone] * this.#turnIm[tone];
    this.#blockIm[tone] =
      im + this.#halfRe[tone] * this.#turnIm[tone] + this.#halfIm[tone] * this.#turnRe[tone];
    this.#halfRe[tone] = re;
    this.#halfIm[tone] = im;
    this.#power[tone] = this.#blockRe[tone] ** 2 + this.#blockIm[tone] ** 2;
  }

  #classify(energy: number): number {
    const length = 2 * this.hop;
    if (energy < MIN_MEAN_SQUARE * length) return NO_KEY;
    const row = this.#strongest(0);
    const column = this.#strongest(4);
    if (row === -1 || column === -1) return NO_KEY;
    const rowPower = this.#power[row];
    const columnPower = this.#power[column];
    if (rowPower > MAX_TWIST * columnPower || columnPower > MAX_TWIST * rowPower) return NO_KEY;
    const rowPhase = this.#phaseError(row);
    const columnPhase = this.#phaseError(column);
    // A sine of amplitude a has the power (a·N/2)² in its bin and the energy a²·N/2 in the block.
    const toneEnergy = (rowPower * offBinLoss(rowPhase) + columnPower * offBinLoss(columnPhase)) / this.hop;
    this.purity = toneEnergy / energy;
    if (this.purity < MIN_TONE_ENERGY) return NO_KEY;
    this.rowDeviation = rowPhase / this.#phasePerHop[row];
    this.columnDeviation = columnPhase / this.#phasePerHop[column];
    return row * 4 + (column - 4);
  }

  /** The strongest of four tones, or -1 when it does not stand out. */
  #strongest(first: number): number {
    let best = first;
    for (let tone = first + 1; tone < first + 4; tone++)
      if (this.#power[tone] > this.#power[best]) best = tone;
    for (let tone = first; tone < first + 4; tone++) {
      if (tone !== best && this.#power[tone] * MIN_PEAK > this.#power[best]) return -1;
    }
    return best;
  }

  /** The phase advance since the block before, less that of the nominal frequency, in radians. */
  #phaseError(tone: number): number {
    const re = this.#blockRe[tone] * this.#beforeRe[tone] + this.#blockIm[tone] * this.#beforeIm[tone];
    const im = this.#blockIm[tone] * this.#beforeRe[tone] - this.#blockRe[tone] * this.#beforeIm[tone];
    const turnedRe = re * this.#turnRe[tone] + im * this.#turnIm[tone];
    const turnedIm = im * this.#turnRe[tone] - re * this.#turnIm[tone];
    return Math.atan2(turnedIm, turnedRe);
  }
}

/**
 * By how much a tone beside the nominal frequency is stronger than its bin shows: the inverse of the squared
 * main lobe of a block. Limited to what 1.5 % of the highest frequency costs.
 */
function offBinLoss(phaseError: number): number {
  const phase = Math.min(Math.abs(phaseError), MAX_PHASE_ERROR);
  return phase < 1e-3 ? 1 : (phase / Math.sin(phase)) ** 2;
}
