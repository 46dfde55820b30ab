import { addHalves, TONES } from './tone-bank';
import { HOP_MS, type ToneTable } from './tone-table';

/** No key: the block has no digit. */
export const NO_KEY = -1;

/** 1.5 % of 1633 Hz over one half block, in radians. */
const MAX_PHASE_ERROR = 2 * Math.PI * 1633 * 0.015 * (HOP_MS / 1000);
/** Level ratio of the two tones that is accepted either way, as a power ratio: 12 dB, of which 4 are for leakage. */
const MAX_TWIST = 16;
/** Least distance of the strongest tone of a group to the next, as a power ratio: 4 dB. */
const MIN_PEAK = 2.5;

// Scratch of the thread: a block is used up before the next one is looked at.
const blockRe = new Float64Array(TONES);
const blockIm = new Float64Array(TONES);
/** The same of the block before, for the tones that stand out. */
const beforeRe = new Float64Array(TONES);
const beforeIm = new Float64Array(TONES);
/** Power of the eight tones in the block that was looked at last. */
export const power = new Float64Array(TONES);
/**
 * Of the row and the column tone: the phase advance since the block before less that of the nominal frequency, in
 * radians. In an array, because a fraction that a function takes or returns is a heap number.
 */
export const phaseErrors = new Float64Array(2);
export const ROW = 0;
export const COLUMN = 1;

/** The key whose tones stand out in the block of two halves, or `NO_KEY`; leaves the block in the scratch. */
export function standingOut(table: ToneTable, results: Float64Array, newest: number, older: number): number {
  for (let tone = 0; tone < TONES; tone++) {
    addHalves(table, results, tone, newest, older, blockRe, blockIm);
    power[tone] = blockRe[tone] ** 2 + blockIm[tone] ** 2;
  }
  const row = strongest(0);
  const column = strongest(4);
  if (row === -1 || column === -1) return NO_KEY;
  const rowPower = power[row];
  const columnPower = power[column];
  if (rowPower > MAX_TWIST * columnPower || columnPower > MAX_TWIST * rowPower) return NO_KEY;
  return row * 4 + (column - 4);
}

/** Phase of a tone of the block in the scratch less that of the block before, less the nominal frequency's advance. */
export function findPhaseError(
  table: ToneTable,
  results: Float64Array,
  group: number,
  tone: number,
  older: number,
  oldest: number,
): void {
  const { turnRe, turnIm } = table;
  addHalves(table, results, tone, older, oldest, beforeRe, beforeIm);
  const re = blockRe[tone] * beforeRe[tone] + blockIm[tone] * beforeIm[tone];
  const im = blockIm[tone] * beforeRe[tone] - blockRe[tone] * beforeIm[tone];
  const turnedRe = re * turnRe[tone] + im * turnIm[tone];
  const turnedIm = im * turnRe[tone] - re * turnIm[tone];
  phaseErrors[group] = Math.atan2(turnedIm, turnedRe);
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
 * Corrects the power of a tone beside the nominal frequency for the loss in its bin: the inverse of the squared main
 * lobe of a block. Limited to the loss at 1.5 % of the highest frequency.
 */
export function gainOffBin(group: number, tone: number): void {
  const phase = Math.min(Math.abs(phaseErrors[group]), MAX_PHASE_ERROR);
  if (phase >= 1e-3) power[tone] *= (phase / Math.sin(phase)) ** 2;
}
