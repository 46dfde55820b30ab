import { BANDS } from './bands';
import { SLIP_FRAMES } from './coarse-search';
import type { Segment } from './coarse-templates';
import type { HeardFrames } from './heard-frames';
import type { PreparedReference } from './types';

/** Offsets at which a reference is analysed, so that it is compared to a quarter of a frame (4 ms). */
export const PHASES = 4;

/** What a slip of a quarter of a frame costs, so that it happens only where it gains something. */
const SLIP_COST = 0.001;
/** Below this likeness a segment tells nothing about its place, and keeps that of its neighbour. */
const LEAST_LIKENESS = 0.45;
/** Frames that a segment needs within the audio for its place to be sought. */
const LEAST_FRAMES = 12;
/** Frames of which more than this share was made up are left out. */
export const MOST_LOST = 0.4;

/** Where the segments of a reference lie in the stream. */
export interface Alignment {
  /** Start of each segment, quarters of a frame. */
  readonly starts: Int32Array;
  /** Likeness of each segment there; 0 for those outside of the audio. */
  readonly likenesses: Float64Array;
}

/**
 * Aligns a reference with the stream to 4 ms: from the segment that is most like the stream, each neighbour is sought within
 * ±100 ms of where it should be.
 *
 * @param start first frame of the segment `last` in the stream, as the coarse search found it.
 */
export function align(
  reference: PreparedReference,
  frames: HeardFrames,
  last: number,
  start: number,
): Alignment {
  const { segments } = reference;
  const starts = new Int32Array(segments.length);
  const likenesses = new Float64Array(segments.length);
  const found = { start: 0, likeness: 0 };
  const seek = (index: number, expected: number, reach: number): void => {
    seekSegment(reference, frames, segments[index], expected, reach, found);
    starts[index] = found.start;
    likenesses[index] = found.likeness;
  };
  seek(last, start * PHASES, SLIP_FRAMES * PHASES);
  for (let index = last - 1; index >= 0; index--) {
    seek(index, starts[index + 1] - distance(segments, index), SLIP_FRAMES * PHASES);
  }
  // What lies after the best segment is sought again from there: a damaged end would mislead all before it.
  const best = likenesses.indexOf(Math.max(...likenesses));
  for (let index = best - 1; index >= 0; index--) {
    seek(index, starts[index + 1] - distance(segments, index), SLIP_FRAMES * PHASES);
  }
  for (let index = best + 1; index < segments.length; index++) {
    seek(index, starts[index - 1] + distance(segments, index - 1), SLIP_FRAMES * PHASES);
  }
  return { starts, likenesses };
}

function distance(segments: readonly Segment[], index: number): number {
  return (segments[index + 1].from - segments[index].from) * PHASES;
}

function seekSegment(
  reference: PreparedReference,
  frames: HeardFrames,
  segment: Segment,
  expected: number,
  reach: number,
  found: { start: number; likeness: number },
): void {
  found.start = expected;
  found.likeness = likenessAt(reference, frames, segment, expected);
  let best = found.likeness;
  const attempt = (start: number): void => {
    const likeness = likenessAt(reference, frames, segment, start);
    const gain = likeness - SLIP_COST * Math.abs(start - expected);
    if (gain <= best || likeness < LEAST_LIKENESS) return;
    best = gain;
    found.start = start;
    found.likeness = likeness;
  };
  for (let offset = PHASES; offset <= reach; offset += PHASES) {
    attempt(expected - offset);
    attempt(expected + offset);
  }
  for (const step of [2, 1]) {
    const middle = found.start;
    attempt(middle - step);
    attempt(middle + step);
  }
}

/**
 * Level of a band of the reference at a place of the stream.
 *
 * @returns place in `reference.levels`, or −1 outside of the reference.
 */
export function placeInReference(reference: PreparedReference, quarter: number): number {
  const frame = quarter >> 2;
  if (frame < 0 || frame >= reference.frames) return -1;
  return ((quarter & 3) * reference.frames + frame) * BANDS;
}

const sums = new Float64Array(2 * BANDS);

/** Correlation of a segment with the stream at a start, the mean of each band taken out of both; 0 outside of the audio. */
export function likenessAt(
  reference: PreparedReference,
  frames: HeardFrames,
  segment: Segment,
  start: number,
): number {
  const { levels } = reference;
  const heard = frames.levels;
  sums.fill(0);
  let count = 0;
  let products = 0;
  let wanted = 0;
  let got = 0;
  // The first frame of the stream that begins within the segment, and what of the reference it meets.
  const firstFrame = Math.ceil(start / PHASES);
  const lead = firstFrame * PHASES - start;
  for (let i = 0; i < segment.frames; i++) {
    const frame = firstFrame + i;
    if (frame < frames.first || frame >= frames.count) continue;
    const at = placeInReference(reference, segment.from * PHASES + lead + i * PHASES);
    const place = frames.placeOf(frame);
    if (at < 0 || frames.lost[place] > MOST_LOST) continue;
    count++;
    for (let band = 0; band < BANDS; band++) {
      const r = levels[at + band];
      const x = heard[place * BANDS + band];
      sums[band] += r;
      sums[BANDS + band] += x;
      products += r * x;
      wanted += r * r;
      got += x * x;
    }
  }
  if (count < LEAST_FRAMES) return 0;
  for (let band = 0; band < BANDS; band++) {
    const r = sums[band];
    const x = sums[BANDS + band];
    products -= (r * x) / count;
    wanted -= (r * r) / count;
    got -= (x * x) / count;
  }
  return got < 0.02 * count || wanted <= 0 ? 0 : products / Math.sqrt(wanted * got);
}
