import { LEAST_SPREAD } from './piece';
import { BANDS } from './bands';
import { type Comparison, MET } from './comparison';
import type { HeardFrames } from './heard-frames';
import { ENOUGH, INNER_FRAMES, type Presence } from './presence';
import type { PreparedReference } from './types';

/** Frames that a stretch needs to have a likeness. */
const LEAST_FRAMES = 6;
/** Frames from one stretch to the next whose likeness is compared. */
const STEP = 4;

interface Correlation {
  /** How much there was to compare: 0 when it was too little. */
  weight: number;
  value: number;
}

/** Written by `correlate`. */
const result: Correlation = { weight: 0, value: 0 };

/** How much more than expected (3 dB) shows another sound in a cell where the reference is soft. */
const EXCESS = 0.3;

/**
 * Weighted mean of the correlations of the segments, over the frames that met a sound and that no loss has touched.
 *
 * @param isBeneath leaves out cells in which another sound covers what is soft in the reference.
 */
export function likenessOf(
  reference: PreparedReference,
  frames: HeardFrames,
  comparison: Comparison,
  { first, end }: Presence,
  isBeneath = false,
): number {
  let sum = 0;
  let weights = 0;
  for (const { from, frames: count } of reference.segments) {
    correlate(reference, frames, comparison, Math.max(first, from), Math.min(end, from + count), isBeneath);
    sum += result.weight * result.value;
    weights += result.weight;
  }
  return weights > 0 ? sum / weights : 0;
}

/** Likeness of the stretch of 0.4 s that is least alike, of those that have something to compare; 1 when none has. */
export function leastLikeness(
  reference: PreparedReference,
  frames: HeardFrames,
  comparison: Comparison,
  { first, end }: Presence,
  isBeneath = false,
): number {
  const { strong } = comparison;
  let all = 0;
  for (let k = first; k < end; k++) all += strong[k];
  const enough = (ENOUGH * all * INNER_FRAMES) / Math.max(1, end - first);
  let least = 1;
  for (let from = first; from + INNER_FRAMES <= end; from += STEP) {
    let there = 0;
    for (let k = from; k < from + INNER_FRAMES; k++) if (isClear(comparison, k)) there += strong[k];
    if (there < enough) continue;
    correlate(reference, frames, comparison, from, from + INNER_FRAMES, isBeneath);
    if (result.weight > 0) least = Math.min(least, result.value);
  }
  return least;
}

function isClear({ met, shaken }: Comparison, k: number): boolean {
  return met[k] === MET.sound && shaken[k] === 0;
}

/** Sums of each band: cells, levels of the reference, and of the stream. */
const counts = new Uint32Array(BANDS);
const wantedSums = new Float64Array(BANDS);
const gotSums = new Float64Array(BANDS);

/** Correlation of the clear frames of a stretch, the mean of each band taken out. */
function correlate(
  reference: PreparedReference,
  frames: HeardFrames,
  comparison: Comparison,
  from: number,
  to: number,
  isBeneath: boolean,
): void {
  const { places, rows, gains, floors } = comparison;
  counts.fill(0);
  wantedSums.fill(0);
  gotSums.fill(0);
  let count = 0;
  let products = 0;
  let wanted = 0;
  let got = 0;
  for (let k = from; k < to; k++) {
    if (!isClear(comparison, k)) continue;
    count++;
    for (let band = 0; band < BANDS; band++) {
      const r = reference.levels[rows[k] + band];
      const x = frames.levels[places[k] * BANDS + band];
      if (isBeneath && r <= floors[k] && x - r - gains[band] > EXCESS) continue;
      counts[band]++;
      wantedSums[band] += r;
      gotSums[band] += x;
      products += r * x;
      wanted += r * r;
      got += x * x;
    }
  }
  result.weight = 0;
  result.value = 0;
  if (count < LEAST_FRAMES) return;
  let cells = 0;
  for (let band = 0; band < BANDS; band++) {
    const ofBand = counts[band];
    if (ofBand === 0) continue;
    cells += ofBand;
    const r = wantedSums[band];
    const x = gotSums[band];
    products -= (r * x) / ofBand;
    wanted -= (r * r) / ofBand;
    got -= (x * x) / ofBand;
  }
  if (wanted <= 0) return;
  const whole = cells / BANDS;
  result.weight = Math.sqrt(wanted * whole);
  if (got > LEAST_SPREAD * whole) result.value = products / Math.sqrt(wanted * got);
}
