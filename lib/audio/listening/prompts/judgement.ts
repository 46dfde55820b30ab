import { type Alignment, align, LEAST_SPREAD, PHASES } from './alignment';
import { BANDS, HOP_SAMPLES } from './bands';
import { compare, type Comparison, MET } from './comparison';
import type { HeardFrames } from './heard-frames';
import { presenceOf, type Presence } from './presence';
import { thresholdOf } from './threshold';
import type { PreparedReference } from './types';

/** Milliseconds of a frame. */
export const FRAME_MS = HOP_SAMPLES / 8;
const QUARTER_MS = FRAME_MS / PHASES;
/** Least share of the reference that must be heard, and most of it that may be missing without being lost. */
const LEAST_HEARD = 0.25;
const MOST_SILENT = 0.5;
/**
 * Most of the beginning that may be missing although there is audio: a line that opens late. What lies before the audio
 * began may be more.
 */
const MOST_UNSAID_FRAMES = 32;
const MOST_UNSAID = 0.35;
/** Longest that may be missing at the end: silent, and lost. */
const MOST_SILENT_END_MS = 64;
const MOST_LOST_END_MS = 320;
/** Presence of the weakest stretch at which a likeness counts wholly, and at which least. */
const WHOLLY_THERE = 0.85;
const NOT_THERE = 0.6;
/** What is left of a likeness that counts for nothing, so that the nearest of what was not heard can still be named. */
const LEAST_TRUST = 0.3;
/** How much less is asked of the weakest stretch where audio was lost: by share of the frames that were. */
const LOSS_ALLOWANCE = 0.6;
/** Frames that a segment needs to have a likeness. */
const LEAST_FRAMES = 6;

/** What a stretch of the stream is worth as a reference. */
export interface Judgement {
  /** Likeness of what was heard of it, 0 to 1. */
  score: number;
  /** Whether enough of it was heard, and its end. */
  complete: boolean;
  /** Frame of the stream with which it ends; later than the newest one when its end has not come. */
  endFrame: number;
  /** Its audible part in the stream, milliseconds since the first frame. */
  soundStartMs: number;
  soundEndMs: number;
  missingStartMs: number;
  missingEndMs: number;
  gapsMs: number;
  levelDbfs: number;
  /** Least score that counts as heard, by how much of it was heard. */
  threshold: number;
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
  const presence = presenceOf(comparison);
  const { first, end } = presence;
  const likeness = Math.max(0, likenessOf(reference, frames, comparison, first, end));
  return {
    score: likeness * presence.present * trustIn(presence),
    complete:
      presence.heard >= LEAST_HEARD &&
      1 - presence.heard - presence.lostWeight <= MOST_SILENT &&
      presence.unsaidStart <= Math.min(MOST_UNSAID_FRAMES, MOST_UNSAID * reference.frames) &&
      presence.silentEnd * FRAME_MS <= MOST_SILENT_END_MS &&
      presence.lostEnd * FRAME_MS <= MOST_LOST_END_MS,
    endFrame: reference.frames + Math.ceil(alignment.lags[reference.frames - 1] / PHASES),
    ...spanOf(reference, alignment, first, end),
    missingStartMs: presence.missingStart * FRAME_MS,
    missingEndMs: Math.max(presence.silentEnd, presence.lostEnd) * FRAME_MS,
    gapsMs: presence.gaps * FRAME_MS,
    levelDbfs: levelOf(frames, comparison, first, end),
    threshold: thresholdOf(presence.heardFrames * FRAME_MS, presence.missingStart / reference.frames),
  };
}

/**
 * A word in place of another leaves the rest as it should be, so that the likeness stays high: what tells it is that the
 * strong cells of the one that should be there are missing. Noise and other voices add to them and take nothing away.
 */
function trustIn({ leastPresent, lost }: Presence): number {
  const allowance = LOSS_ALLOWANCE * lost;
  const trust = (leastPresent + allowance - NOT_THERE) / (WHOLLY_THERE - NOT_THERE);
  return Math.max(LEAST_TRUST, Math.min(1, trust));
}

/** Weighted mean of the correlations of the segments, over the frames that met a sound. */
function likenessOf(
  reference: PreparedReference,
  frames: HeardFrames,
  comparison: Comparison,
  first: number,
  end: number,
): number {
  let sum = 0;
  let weights = 0;
  const result = { weight: 0, correlation: 0 };
  for (const { from, frames: count } of reference.segments) {
    correlate(reference, frames, comparison, Math.max(first, from), Math.min(end, from + count), result);
    sum += result.weight * result.correlation;
    weights += result.weight;
  }
  return weights > 0 ? sum / weights : 0;
}

function correlate(
  reference: PreparedReference,
  frames: HeardFrames,
  { met, places, rows }: Comparison,
  from: number,
  to: number,
  result: { weight: number; correlation: number },
): void {
  const means = new Float64Array(2 * BANDS);
  let count = 0;
  let products = 0;
  let wanted = 0;
  let got = 0;
  for (let k = from; k < to; k++) {
    if (met[k] !== MET.sound) continue;
    count++;
    for (let band = 0; band < BANDS; band++) {
      const r = reference.levels[rows[k] + band];
      const x = frames.levels[places[k] * BANDS + band];
      means[band] += r;
      means[BANDS + band] += x;
      products += r * x;
      wanted += r * r;
      got += x * x;
    }
  }
  result.weight = 0;
  result.correlation = 0;
  if (count < LEAST_FRAMES) return;
  for (let band = 0; band < BANDS; band++) {
    const r = means[band];
    const x = means[BANDS + band];
    products -= (r * x) / count;
    wanted -= (r * r) / count;
    got -= (x * x) / count;
  }
  if (wanted <= 0) return;
  result.weight = Math.sqrt(wanted * count);
  if (got > LEAST_SPREAD * count) result.correlation = products / Math.sqrt(wanted * got);
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
