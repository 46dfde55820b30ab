import { HOP_MS, toneTable, type ToneTable } from './tone-table';
import { isVoice } from './voice-neighbours';

/** What `key` says when there is no digit in the block. */
export const NO_KEY = -1;

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

/** Halves that are kept: the two of a block and the one more that the block before it had. */
const HALVES = 3;

// Scratch of the thread, used within one call.
const blockRe = new Float64Array(TONES);
const blockIm = new Float64Array(TONES);
/** The same of the block before, for the tones that stand out. */
const beforeRe = new Float64Array(TONES);
const beforeIm = new Float64Array(TONES);
const power = new Float64Array(TONES);
/**
 * Of the row and the column tone: the phase advance since the block before less that of the nominal frequency, in
 * radians. In an array, because a number with a fraction that a function takes or returns is an object on the heap.
 */
const phaseErrors = new Float64Array(2);
const ROW = 0;
const COLUMN = 1;

/**
 * Looks for the two tones of a DTMF digit in blocks of 12.75 ms that overlap by half: Goertzel's algorithm at
 * the eight frequencies. Each half is computed once; a block is the sum of two halves, the earlier one turned
 * by the phase of the later. The phase from block to block tells the exact frequency, which the width of the
 * Goertzel filter cannot.
 *
 * A block that is too quiet for a digit is not filtered. Its halves are, with the same result as if they had
 * been at once, when a louder block needs them: a peer that only listens costs little.
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

  readonly #table: ToneTable;
  /** The newest halves in a ring: samples, energy, and for each tone the filter's result (real, then imaginary). */
  readonly #samples: Int16Array;
  readonly #energy = new Float64Array(HALVES);
  readonly #results = new Float64Array(HALVES * 2 * TONES);
  /** Bit per half: its results are those of its samples. Silence before the first sample needs no filter. */
  #filtered = (1 << HALVES) - 1;
  /** The half that is being filled, and how far. */
  #half = 0;
  #filled = 0;
  /** So many samples of the newest are one value: what a silent stream need not write again. */
  #stillSamples = 0;
  #stillValue = 0;

  constructor(sampleRate: number) {
    this.#table = toneTable(sampleRate);
    this.hop = this.#table.hop;
    this.#samples = new Int16Array(HALVES * this.hop);
  }

  /**
   * Takes up to `count` samples, no more than complete a half block; returns how many.
   *
   * @param still they are all the same.
   */
  fill(samples: Int16Array, offset: number, count: number, still = false): number {
    const taken = Math.min(count, this.hop - this.#filled);
    if (still && samples[offset] === this.#stillValue && this.#stillSamples === this.#samples.length) {
      const before = this.#filled === 0 ? 0 : this.#energy[this.#half];
      this.#energy[this.#half] = before + taken * this.#stillValue ** 2;
      this.#filled += taken;
      return taken;
    }
    this.#noteStill(samples[offset], taken, still);
    const kept = this.#samples;
    const start = this.#half * this.hop + this.#filled;
    let energy = this.#filled === 0 ? 0 : this.#energy[this.#half];
    for (let i = 0; i < taken; i++) {
      const sample = samples[offset + i];
      kept[start + i] = sample;
      energy += sample * sample;
    }
    this.#energy[this.#half] = energy;
    this.#filled += taken;
    return taken;
  }

  #noteStill(value: number, count: number, still: boolean): void {
    const before = value === this.#stillValue ? this.#stillSamples : 0;
    this.#stillSamples = still ? Math.min(this.#samples.length, before + count) : 0;
    this.#stillValue = value;
  }

  /** Whether another half block is complete; if so, `key` and the deviations are those of the new block. */
  complete(): boolean {
    if (this.#filled < this.hop) return false;
    const newest = this.#half;
    const older = (newest + HALVES - 1) % HALVES;
    this.#filled = 0;
    this.#half = (newest + 1) % HALVES;
    this.#filtered &= ~(1 << newest);
    const energy = this.#energy[newest] + this.#energy[older];
    const quiet = energy < MIN_MEAN_SQUARE * 2 * this.hop;
    this.key = quiet ? NO_KEY : this.#classify(newest, older);
    return true;
  }

  /**
   * Whether the tones of `key` over the last 19 ms are harmonics of a voice.
   *
   * @param rowDeviation the row tone's mean relative deviation
   * @param columnDeviation the same of the column tone
   */
  isVoice(rowDeviation: number, columnDeviation: number): boolean {
    const { phasePerHop } = this.#table;
    const low = (phasePerHop[this.key >> 2] / this.hop) * (1 + rowDeviation);
    const high = (phasePerHop[4 + (this.key & 3)] / this.hop) * (1 + columnDeviation);
    return isVoice(this.#samples, this.#half * this.hop, low, high);
  }

  #filter(half: number): void {
    if ((this.#filtered & (1 << half)) !== 0) return;
    this.#filtered |= 1 << half;
    this.#filterGroup(half, 0);
    this.#filterGroup(half, 4);
  }

  /** Goertzel over a half for four tones side by side; one at a time would wait for itself. */
  #filterGroup(half: number, first: number): void {
    const samples = this.#samples;
    const { coefficient } = this.#table;
    const c0 = coefficient[first];
    const c1 = coefficient[first + 1];
    const c2 = coefficient[first + 2];
    const c3 = coefficient[first + 3];
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    const end = (half + 1) * this.hop;
    for (let i = end - this.hop; i < end; i++) {
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
    const results = this.#results;
    const at = half * 2 * TONES + first;
    results[at] = a0;
    results[at + 1] = a1;
    results[at + 2] = a2;
    results[at + 3] = a3;
    results[at + TONES] = b0;
    results[at + TONES + 1] = b1;
    results[at + TONES + 2] = b2;
    results[at + TONES + 3] = b3;
    this.#finish(half, first);
  }

  /** Turns the last two states of four filters into their results. */
  #finish(half: number, first: number): void {
    const results = this.#results;
    const { cos, sin } = this.#table;
    for (let tone = first; tone < first + 4; tone++) {
      const at = half * 2 * TONES + tone;
      const b = results[at + TONES];
      results[at] -= cos[tone] * b;
      results[at + TONES] = sin[tone] * b;
    }
  }

  /** One tone of the block of two halves, referred to the phase of its last sample, into `re` and `im`. */
  #addHalves(tone: number, newer: number, older: number, re: Float64Array, im: Float64Array): void {
    const results = this.#results;
    const { turnRe, turnIm } = this.#table;
    const first = older * 2 * TONES + tone;
    const second = newer * 2 * TONES + tone;
    const firstRe = results[first];
    const firstIm = results[first + TONES];
    re[tone] = results[second] + firstRe * turnRe[tone] - firstIm * turnIm[tone];
    im[tone] = results[second + TONES] + firstRe * turnIm[tone] + firstIm * turnRe[tone];
  }

  #classify(newest: number, older: number): number {
    this.#filter(older);
    this.#filter(newest);
    for (let tone = 0; tone < TONES; tone++) {
      this.#addHalves(tone, newest, older, blockRe, blockIm);
      power[tone] = blockRe[tone] ** 2 + blockIm[tone] ** 2;
    }
    const row = strongest(0);
    const column = strongest(4);
    if (row === -1 || column === -1) return NO_KEY;
    const rowPower = power[row];
    const columnPower = power[column];
    if (rowPower > MAX_TWIST * columnPower || columnPower > MAX_TWIST * rowPower) return NO_KEY;
    // The half that is filled next is the oldest: the block before has it and the older one of this block.
    this.#filter(this.#half);
    this.#findPhaseError(ROW, row, older);
    this.#findPhaseError(COLUMN, column, older);
    gainOffBin(ROW, row);
    gainOffBin(COLUMN, column);
    // A sine of amplitude a has the power (a·N/2)² in its bin and the energy a²·N/2 in the block.
    const energy = this.#energy[newest] + this.#energy[older];
    this.purity = (power[row] + power[column]) / (this.hop * energy);
    if (this.purity < MIN_TONE_ENERGY) return NO_KEY;
    this.rowDeviation = phaseErrors[ROW] / this.#table.phasePerHop[row];
    this.columnDeviation = phaseErrors[COLUMN] / this.#table.phasePerHop[column];
    return row * 4 + (column - 4);
  }

  #findPhaseError(group: number, tone: number, older: number): void {
    const { turnRe, turnIm } = this.#table;
    this.#addHalves(tone, older, this.#half, beforeRe, beforeIm);
    const re = blockRe[tone] * beforeRe[tone] + blockIm[tone] * beforeIm[tone];
    const im = blockIm[tone] * beforeRe[tone] - blockRe[tone] * beforeIm[tone];
    const turnedRe = re * turnRe[tone] + im * turnIm[tone];
    const turnedIm = im * turnRe[tone] - re * turnIm[tone];
    phaseErrors[group] = Math.atan2(turnedIm, turnedRe);
  }
}

/** The strongest of four tones of the block in the scratch, or -1 when it does not stand out. */
function strongest(first: number): number {
  let best = first;
  for (let tone = first + 1; tone < first + 4; tone++) if (power[tone] > power[best]) best = tone;
  for (let tone = first; tone < first + 4; tone++) {
    if (tone !== best && power[tone] * MIN_PEAK > power[best]) return -1;
  }
  return best;
}

/**
 * Raises the power of a tone beside the nominal frequency by what its bin does not show: the inverse of the squared
 * main lobe of a block. Limited to what 1.5 % of the highest frequency costs.
 */
function gainOffBin(group: number, tone: number): void {
  const phase = Math.min(Math.abs(phaseErrors[group]), MAX_PHASE_ERROR);
  if (phase >= 1e-3) power[tone] *= (phase / Math.sin(phase)) ** 2;
}
