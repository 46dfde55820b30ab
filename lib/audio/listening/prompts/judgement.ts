import { type Alignment, align, PHASES } from './alignment';
import { BANDS, HOP_SAMPLES } from './bands';
import { compare, type Comparison, MET } from './comparison';
import type { HeardFrames } from './heard-frames';
import type { PreparedReference } from './types';

/** Milliseconds of a frame. */
export const FRAME_MS = HOP_SAMPLES / 8;
const QUARTER_MS = FRAME_MS / PHASES;
/** Frames over which presence is judged: 0.2 s for the ends, 0.4 s within. */
const END_FRAMES = 12;
const INNER_FRAMES = 25;
/** Share of the strong cells from which on a stretch of a reference is there. */
const PRESENT = 0.6;
/** Longest that may be missing at the end, milliseconds, and least share of the reference that must be heard. */
const MOST_MISSING_END_MS = 200;
const LEAST_HEARD = 0.5;

/** What a stretch of the stream is worth as a reference. */
export interface Judgement {
  /** Likeness of what was heard of it, 0 to 1. */
  score: number;
  /** Whether enough of it was heard, and its end. */
  complete: boolean;
  /** Of its audible part in the stream, milliseconds since the first frame. */
  soundStartMs: number;
  soundEndMs: number;
  missingStartMs: number;
  missingEndMs: number;
  gapsMs: number;
  levelDbfs: number;
  /** Share of its strong cells that are there, of those that were not lost. */
  present: number;
  /** Frames with strong cells that were heard, milliseconds. */
  heardMs: number;
  /** Correlation before anything is taken off for what is not there. */
  correlation: number;
  /** Least share of strong cells that are there, in any stretch of 0.4 s that was heard. */
  leastPresent: number;
}

/**
 * Compares a reference with the stream in detail where the coarse search found it.
 *
 * @param last its segment that was found, and @param start the first frame of that in the stream.
 */
export function judge(
  reference: PreparedReference,
  frames: HeardFrames,
  last: number,
  start: number,
): Judgement {
  const alignment = align(reference, frames, last, start);
  const comparison = compare(reference, frames, alignment);
  const { frames: length } = reference;
  const first = firstPresent(comparison, length, 1);
  const end = length - firstPresent(comparison, length, -1);
  const inner = innerOf(comparison, first, end);
  const missingStartMs = Math.max(0, first - firstStrong(comparison, length, 1)) * FRAME_MS;
  const missingEndMs = Math.max(0, length - end - firstStrong(comparison, length, -1)) * FRAME_MS;
  const heard = Math.max(0, end - first - inner.gaps) / length;
  const correlation = Math.max(0, scoreOf(reference, frames, comparison, first, end));
  return {
    score: correlation * inner.present,
    correlation,
    present: inner.present,
    heardMs: inner.heard * FRAME_MS,
    complete: heard >= LEAST_HEARD && missingEndMs <= MOST_MISSING_END_MS,
    ...spanOf(reference, alignment, first, end),
    missingStartMs: missingStartMs < 3 * FRAME_MS ? 0 : missingStartMs,
    missingEndMs,
    gapsMs: inner.gaps * FRAME_MS,
    levelDbfs: levelOf(frames, comparison, first, end),
    leastPresent: inner.leastPresent,
  };
}

/** Frames from an end of the reference to the first that has strong cells. */
function firstStrong({ strong }: Comparison, frames: number, step: 1 | -1): number {
  const at = (index: number): number => (step === 1 ? index : frames - 1 - index);
  let index = 0;
  while (index < frames && strong[at(index)] === 0) index++;
  return index;
}

/** Frames from an end of the reference to the first stretch that is there. */
function firstPresent({ met, strong, present }: Comparison, frames: number, step: 1 | -1): number {
  const at = (index: number): number => (step === 1 ? index : frames - 1 - index);
  for (let index = 0; index < frames; index++) {
    if (met[at(index)] !== MET.sound || strong[at(index)] === 0) continue;
    let wanted = 0;
    let there = 0;
    for (let next = index; next < Math.min(frames, index + END_FRAMES); next++) {
      if (met[at(next)] === MET.nothing || met[at(next)] === MET.lost) continue;
      wanted += strong[at(next)];
      there += present[at(next)];
    }
    if (there >= PRESENT * wanted && present[at(index)] >= 0.5 * strong[at(index)]) return index;
  }
  return frames;
}

interface Inner {
  /** Frames that met no sound. */
  gaps: number;
  heard: number;
  present: number;
  leastPresent: number;
}

function innerOf({ met, strong, present }: Comparison, first: number, end: number): Inner {
  let gaps = 0;
  let wanted = 0;
  let there = 0;
  let heard = 0;
  for (let k = first; k < end; k++) {
    if (met[k] !== MET.sound) gaps++;
    if (met[k] < MET.gap) continue;
    wanted += strong[k];
    there += present[k];
    if (met[k] === MET.sound && strong[k] > 0) heard++;
  }
  const usual = wanted / Math.max(1, end - first);
  let leastPresent = 1;
  for (let from = first; from + Math.min(INNER_FRAMES, end - first) <= end; from += 3) {
    let strongHere = 0;
    let thereHere = 0;
    for (let k = from; k < Math.min(end, from + INNER_FRAMES); k++) {
      if (met[k] < MET.gap) continue;
      strongHere += strong[k];
      thereHere += present[k];
    }
    if (strongHere > 0.4 * usual * INNER_FRAMES)
      leastPresent = Math.min(leastPresent, thereHere / strongHere);
  }
  return { gaps, heard, present: wanted > 0 ? there / wanted : 0, leastPresent };
}

/** Weighted mean of the correlations of the segments, over the frames that met a sound. */
function scoreOf(
  reference: PreparedReference,
  frames: HeardFrames,
  { met, places, rows }: Comparison,
  first: number,
  end: number,
): number {
  let sum = 0;
  let weights = 0;
  const band = { r: new Float64Array(BANDS), x: new Float64Array(BANDS) };
  for (const segment of reference.segments) {
    band.r.fill(0);
    band.x.fill(0);
    let count = 0;
    let products = 0;
    let wanted = 0;
    let got = 0;
    for (let k = Math.max(first, segment.from); k < Math.min(end, segment.from + segment.frames); k++) {
      if (met[k] !== MET.sound) continue;
      count++;
      for (let b = 0; b < BANDS; b++) {
        const r = reference.levels[rows[k] + b];
        const x = frames.levels[places[k] * BANDS + b];
        band.r[b] += r;
        band.x[b] += x;
        products += r * x;
        wanted += r * r;
        got += x * x;
      }
    }
    if (count < 6) continue;
    for (let b = 0; b < BANDS; b++) {
      products -= (band.r[b] * band.x[b]) / count;
      wanted -= (band.r[b] * band.r[b]) / count;
      got -= (band.x[b] * band.x[b]) / count;
    }
    if (wanted <= 0) continue;
    const weight = Math.sqrt(wanted * count);
    weights += weight;
    if (got > 0.02 * count) sum += (weight * products) / Math.sqrt(wanted * got);
  }
  return weights > 0 ? sum / weights : 0;
}

/** Where the first and the last audible moment of the reference lie, by the frames that were heard. */
function spanOf(
  reference: PreparedReference,
  { lags }: Alignment,
  first: number,
  end: number,
): { soundStartMs: number; soundEndMs: number } {
  const at = (k: number): number => lags[Math.max(0, Math.min(reference.frames - 1, k))] * QUARTER_MS;
  return {
    soundStartMs: at(first),
    soundEndMs: at(end - 1) + reference.soundEndMs - reference.soundStartMs,
  };
}

function levelOf(frames: HeardFrames, { met, places }: Comparison, first: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let k = first; k < end; k++) {
    if (met[k] !== MET.sound) continue;
    sum += frames.powers[places[k]];
    count++;
  }
  return count === 0 ? -Infinity : 10 * Math.log10(sum / count / 32_768 ** 2);
}
