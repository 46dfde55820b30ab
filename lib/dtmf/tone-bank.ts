import type { ToneTable } from './tone-table';

/** Four rows, then four columns. */
export const TONES = 8;

/**
 * Filters half a block for the eight tones.
 *
 * @param start where it is in the samples
 * @param results of all halves: for each, eight real parts and then eight imaginary ones
 * @param index of the half in the results
 */
export function filterHalf(
  table: ToneTable,
  samples: Int16Array,
  start: number,
  results: Float64Array,
  index: number,
): void {
  filterGroup(table, samples, start, results, index * 2 * TONES, 0);
  filterGroup(table, samples, start, results, index * 2 * TONES, 4);
}

/** Goertzel over a half for four tones side by side; one at a time would wait for itself. */
function filterGroup(
  table: ToneTable,
  samples: Int16Array,
  start: number,
  results: Float64Array,
  base: number,
  first: number,
): void {
  const { coefficient } = table;
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
  const end = start + table.hop;
  for (let i = start; i < end; i++) {
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
  const at = base + first;
  results[at] = a0;
  results[at + 1] = a1;
  results[at + 2] = a2;
  results[at + 3] = a3;
  results[at + TONES] = b0;
  results[at + TONES + 1] = b1;
  results[at + TONES + 2] = b2;
  results[at + TONES + 3] = b3;
  finishGroup(table, results, base, first);
}

/** Turns the last two states of four filters into their results. */
function finishGroup({ cos, sin }: ToneTable, results: Float64Array, base: number, first: number): void {
  for (let tone = first; tone < first + 4; tone++) {
    const at = base + tone;
    const b = results[at + TONES];
    results[at] -= cos[tone] * b;
    results[at + TONES] = sin[tone] * b;
  }
}

/** One tone of the block of two halves (indices into the results), referred to the phase of its last sample, into `re` and `im`. */
export function addHalves(
  { turnRe, turnIm }: ToneTable,
  results: Float64Array,
  tone: number,
  newer: number,
  older: number,
  re: Float64Array,
  im: Float64Array,
): void {
  const first = older * 2 * TONES + tone;
  const second = newer * 2 * TONES + tone;
  const firstRe = results[first];
  const firstIm = results[first + TONES];
  re[tone] = results[second] + firstRe * turnRe[tone] - firstIm * turnIm[tone];
  im[tone] = results[second + TONES] + firstRe * turnIm[tone] + firstIm * turnRe[tone];
}
