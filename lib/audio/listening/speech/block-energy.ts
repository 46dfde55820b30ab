import { LISTENING_RATE } from '../detector';

/** Length of a block, milliseconds and samples: the grain in which sound and silence are told apart. */
export const BLOCK_MS = 10;
export const BLOCK_SAMPLES = (LISTENING_RATE * BLOCK_MS) / 1000;

/** Level of digital silence, dBFS: below the noise of 16 bits. */
export const SILENT_DBFS = -96;
/** Pole of the high-pass at about 200 Hz, which takes a DC offset and mains hum away. */
const POLE = 0.85;

/** Level and zero crossings of blocks of 10 ms, behind a high-pass. */
export class BlockEnergy {
  /** Of the last block, dBFS. */
  levelDbfs = SILENT_DBFS;
  /** Zero crossings in the last block, 0 to 79: few in vowels, many in noise and sibilants. */
  crossings = 0;
  #input = 0;
  #output = 0;

  /** Measures `BLOCK_SAMPLES` samples from `offset` on, and writes what passes the filter to `passed` from `at` on. */
  measure(pcm: Int16Array, offset: number, passed: Float64Array, at: number): void {
    let before = this.#input;
    let output = this.#output;
    let energy = 0;
    let crossings = 0;
    let wasPositive = output >= 0;
    for (let index = offset; index < offset + BLOCK_SAMPLES; index++) {
      const sample = pcm[index];
      output = sample - before + POLE * output;
      before = sample;
      passed[at + index - offset] = output;
      energy += output * output;
      const isPositive = output >= 0;
      if (isPositive !== wasPositive) crossings++;
      wasPositive = isPositive;
    }
    this.#input = before;
    this.#output = output;
    this.crossings = crossings;
    const mean = energy / BLOCK_SAMPLES / 32_768 ** 2;
    this.levelDbfs = mean > 1e-9 ? 10 * Math.log10(mean) : SILENT_DBFS;
  }
}
