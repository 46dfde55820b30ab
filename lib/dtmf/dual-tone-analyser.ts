import { SteadyTones } from './steady-tones';
import { filterHalf, TONES } from './tone-bank';
import {
  COLUMN,
  findPhaseError,
  gainOffBin,
  NO_KEY,
  phaseErrors,
  power,
  ROW,
  standingOut,
} from './tone-block';
import { toneTable, type ToneTable } from './tone-table';
import { isVoice } from './voice-neighbours';

/** Part of the block's energy that the two tones must have; white noise at 10 dB SNR leaves 0.91 of it. */
const MIN_TONE_ENERGY = 0.66;
/** Part above which a block needs no second look: tones under it would be too weak to matter. */
const CLEAR = 0.95;
/** Quietest block that is looked at: −45 dBFS RMS. */
const MIN_MEAN_SQUARE = 32_768 ** 2 * 10 ** (-45 / 10);
/** Halves whose results are kept: the two of a block and the one more that the block before it had. */
const HALVES = 3;
/** Halves before these, from which the tones are learned that sound under digits: the pause before a digit has them. */
const HISTORY = 5;
/** Halves whose samples are kept: a multiple of `HALVES`, so that one remainder finds the results. */
const KEPT = 9;
/** Halves for which a learned tone is continued: the first 150 ms of a digit. */
const MAX_CONTINUED = 24;
/** Least part of a block's energy in the digit's tones when the tones under them are stronger: by 7 dB. */
const MIN_PART_OVER_TONES = 0.18;
/** Blocks up to which tones that stand out count as an onset. */
const LONGEST_ONSET = 3;
/** Limits of the history's energy, as parts of the block's energy outside of the digit's tones. */
const LEAST_HISTORY = 0.5;
const MOST_HISTORY = 1.6;
/** Energy of the history, as a part of the block's, up to which there is no tone under the digit. */
const LEAST_UNDER = 0.01;
/** A digit begins: its tones have at most this part of their power in the history. */
const MAX_BEFORE = 0.25;

// Scratch of the thread, used within one call.
/** The three newest halves without the tones under them, with their filter results and energies. */
const cleanSamples = new Int16Array(HALVES * 512);
const cleanResults = new Float64Array(HALVES * 2 * TONES);
const cleanEnergy = new Float64Array(HALVES);
/** Energy of the block that is looked at. In an array for the reason of `phaseErrors`. */
const blockEnergy = new Float64Array(1);
/**
 * Looks for the two tones of a DTMF digit in blocks of 12.75 ms that overlap by half: Goertzel's algorithm at
 * the eight frequencies. Each half is computed once; a block is the sum of two halves, the earlier one turned
 * by the phase of the later. The phase from block to block tells the exact frequency, which the width of the
 * Goertzel filter cannot.
 *
 * A block that is too quiet for a digit is not filtered. Its halves are, with the same result as if they had
 * been at once, when a louder block needs them: a peer that only listens costs little.
 *
 * A dial tone under digits looks like the rest of a voice. Where two tones stand out that begin now, and the rest of
 * the block is as strong as the audio before, the steady tones of that audio are learned, continued and taken out, and
 * the block is analysed again.
 */
export class DualToneAnalyser {
  /** Samples between two results. */
  readonly hop: number;
  /** The key (index into `KEYPAD`) of the last block, or `NO_KEY`. */
  key = NO_KEY;
  /** The key whose tones stand out in the last block, whatever else sounds, or `NO_KEY`. */
  candidate = NO_KEY;
  /** Power of the tones of `candidate` in a measure of its own. */
  candidatePower = 0;
  /** Part of the last block's energy that is in the two tones of `key`, 0 to about 1. */
  purity = 0;
  /** Power of the column tone over that of the row tone. */
  twist = 1;
  /** Relative deviation of the row tone from its nominal frequency since the block before; signed. */
  rowDeviation = 0;
  /** The same for the column tone. */
  columnDeviation = 0;

  readonly #sampleRate: number;
  readonly #table: ToneTable;
  /** The newest halves in a ring: samples and energy. */
  readonly #samples: Int16Array;
  readonly #energy = new Float64Array(KEPT);
  /** For each tone the filter's result (real, then imaginary) of the newest halves, in a shorter ring. */
  readonly #results = new Float64Array(HALVES * 2 * TONES);
  /** Bit per half: its filter results are up to date. Silence before the first sample needs no filter. */
  #filtered = (1 << HALVES) - 1;
  /** The half that is being filled, and how far. */
  #half = 0;
  #filled = 0;
  /** Number of newest samples with one value: a silent stream need not write them again. */
  #stillSamples = 0;
  #stillValue = 0;
  /** Number of blocks before the last one with the same candidate. */
  #standing = 0;
  /** Steady tones under the digits; few calls have them. */
  #steady: SteadyTones | undefined;
  /** Halves since they were learned; more than `MAX_CONTINUED` while there are none. */
  #continued = MAX_CONTINUED + 1;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
    this.#table = toneTable(sampleRate);
    this.hop = this.#table.hop;
    this.#samples = new Int16Array(KEPT * this.hop);
  }

  /**
   * Takes up to `count` samples, no more than complete a half block; returns how many.
   *
   * @param still all samples are the same.
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
    const older = (newest + KEPT - 1) % KEPT;
    this.#filled = 0;
    this.#half = (newest + 1) % KEPT;
    this.#filtered &= ~(1 << (newest % HALVES));
    if (this.#continued <= MAX_CONTINUED) this.#continued++;
    blockEnergy[0] = this.#energy[newest] + this.#energy[older];
    const { key, candidate } = this;
    this.key = NO_KEY;
    this.candidate = NO_KEY;
    if (blockEnergy[0] < MIN_MEAN_SQUARE * 2 * this.hop) return true;
    this.#classify(newest, older);
    this.#standing = this.candidate === candidate ? this.#standing + 1 : 0;
    if (this.candidate === NO_KEY) return true;
    if (this.purity < CLEAR) this.#lookWithoutTones();
    else if (key === NO_KEY && this.#continued > MAX_CONTINUED) this.#learnUnderKey();
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
    const count = HALVES * this.hop;
    if (!isVoice(this.#samples, this.#ago(HALVES) * this.hop, count, low, high)) return false;
    if (this.#continued > MAX_CONTINUED) return true;
    this.#takeOutTones();
    return isVoice(cleanSamples, 0, count, low, high);
  }

  /** The half `halves` before the one that is being filled. */
  #ago(halves: number): number {
    return (this.#half + KEPT - halves) % KEPT;
  }

  #filter(half: number): void {
    const index = half % HALVES;
    if ((this.#filtered & (1 << index)) !== 0) return;
    this.#filtered |= 1 << index;
    filterHalf(this.#table, this.#samples, half * this.hop, this.#results, index);
  }

  #classify(newest: number, older: number): void {
    this.#filter(older);
    this.#filter(newest);
    const candidate = standingOut(this.#table, this.#results, newest % HALVES, older % HALVES);
    if (candidate === NO_KEY) return;
    const oldest = this.#ago(HALVES);
    this.#filter(oldest);
    this.candidate = candidate;
    this.#measure(candidate, this.#results, older % HALVES, oldest % HALVES);
    this.candidatePower = power[candidate >> 2] + power[4 + (candidate & 3)];
    if (this.purity >= MIN_TONE_ENERGY) this.key = candidate;
  }

  /** Purity and frequency deviations of the last block, which has the tones of this key. */
  #measure(key: number, results: Float64Array, older: number, oldest: number): void {
    const row = key >> 2;
    const column = 4 + (key & 3);
    findPhaseError(this.#table, results, ROW, row, older, oldest);
    findPhaseError(this.#table, results, COLUMN, column, older, oldest);
    gainOffBin(ROW, row);
    gainOffBin(COLUMN, column);
    // A sine of amplitude a has the power (a·N/2)² in its bin and the energy a²·N/2 in the block.
    this.purity = (power[row] + power[column]) / (this.hop * blockEnergy[0]);
    this.twist = power[column] / power[row];
    this.rowDeviation = phaseErrors[ROW] / this.#table.phasePerHop[row];
    this.columnDeviation = phaseErrors[COLUMN] / this.#table.phasePerHop[column];
  }

  /** Analyses the block again without the tones learned before it, if there are any and if that makes it purer. */
  #lookWithoutTones(): void {
    if (this.#continued > MAX_CONTINUED && !this.#learnUnderTones()) return;
    const { purity, twist, rowDeviation, columnDeviation } = this;
    this.#takeOutTones();
    const { hop } = this;
    for (let half = 0; half < HALVES; half++) {
      cleanEnergy[half] = energyOf(cleanSamples, half * hop, hop);
      filterHalf(this.#table, cleanSamples, half * hop, cleanResults, half);
    }
    blockEnergy[0] = cleanEnergy[1] + cleanEnergy[2];
    const key = standingOut(this.#table, cleanResults, 2, 1);
    if (key !== NO_KEY) this.#measure(key, cleanResults, 1, 0);
    if (key !== NO_KEY && this.purity >= MIN_TONE_ENERGY && this.purity > purity) {
      this.key = key;
      return;
    }
    this.purity = purity;
    this.twist = twist;
    this.rowDeviation = rowDeviation;
    this.columnDeviation = columnDeviation;
    this.#continued = MAX_CONTINUED + 1;
  }

  /** Puts the newest halves without the tones under them into the scratch. */
  #takeOutTones(): void {
    const since = (HISTORY + this.#continued) * this.hop;
    this.#steady?.takeOutOf(
      this.#samples,
      this.#ago(HALVES) * this.hop,
      HALVES * this.hop,
      since,
      cleanSamples,
    );
  }

  /** Learns a weaker tone under a pure key, which the check for a voice would take for a harmonic. */
  #learnUnderKey(): void {
    const history = this.#historyEnergy();
    if (history > LEAST_UNDER * blockEnergy[0] && history < blockEnergy[0]) this.#learn();
  }

  /** Learns only if the energy outside of the candidate's tones is about that of the history. */
  #learnUnderTones(): boolean {
    if (this.#standing >= LONGEST_ONSET || this.purity < MIN_PART_OVER_TONES) return false;
    const rest = (1 - this.purity) * blockEnergy[0];
    const history = this.#historyEnergy();
    return history >= LEAST_HISTORY * rest && history <= MOST_HISTORY * rest && this.#learn();
  }

  /** Learns the tones in the history, unless the candidate's own tones were among them. */
  #learn(): boolean {
    const { hop } = this;
    const { phasePerHop } = this.#table;
    if (hop * HALVES > cleanSamples.length) return false;
    const steady = (this.#steady ??= new SteadyTones());
    if (!steady.load(this.#samples, this.#ago(HALVES + HISTORY) * hop, HISTORY * hop)) return false;
    const row = this.candidate >> 2;
    const column = 4 + (this.candidate & 3);
    const limit = MAX_BEFORE / (hop * hop);
    if (steady.powerAt(phasePerHop[row] / hop) > limit * power[row]) return false;
    if (steady.powerAt(phasePerHop[column] / hop) > limit * power[column]) return false;
    if (!steady.learn(this.#sampleRate)) return false;
    this.#continued = 0;
    return true;
  }

  /** Energy of the history in two halves. */
  #historyEnergy(): number {
    let energy = 0;
    for (let half = 1; half <= HISTORY; half++) energy += this.#energy[this.#ago(HALVES + half)];
    return (energy * 2) / HISTORY;
  }
}

function energyOf(samples: Int16Array, start: number, count: number): number {
  let energy = 0;
  for (let i = start; i < start + count; i++) energy += samples[i] * samples[i];
  return energy;
}
