import { COARSE_BANDS, type CoarseFrames } from './coarse-frames';
import type { Segment } from './coarse-templates';
import { PAUSE_FRAMES } from './pauses';
import type { PreparedReference } from './types';

/** Farthest that a segment may lie from where the one before it lets expect it, frames: ±100 ms. */
export const SLIP_FRAMES = 6;
/** What a slip of a frame costs, so that it happens only where it gains something. */
const SLIP_COST = 0.003;
/** The same for a pause of another length, whatever that is. */
const PAUSE_COST = 0.04;
/** Least spread of a stretch of audio for each pair: less is silence, which resembles nothing. */
const LEAST_SPREAD = 0.02;
/** Likeness of a segment of a reference that is going on. */
const ALIKE = 0.5;
/** Starts that are remembered for each segment: more than two segments and a slip; a power of two. */
const REMEMBERED = 256;

/** Place where a reference may have ended. */
export interface CoarseHit {
  /** Its newest segment, and the first frame of that in the stream. */
  segment: number;
  start: number;
  /** Sum of the weighted likenesses of its segments so far; at most the weight of these. */
  score: number;
}

/**
 * Looks for one reference in pairs of frames, segment by segment: each is compared at every frame of the stream, and its
 * likeness added to the best of the segment before within ±100 ms of its place, or within ±400 ms at a higher price, as when
 * a pause is longer or shorter. The work for each pair of frames is one multiplication for each of the reference's frames
 * and coarse bands.
 */
export class CoarseSearch {
  /** The best end of the reference since the last `reset`; its score is 0 when there is none. */
  readonly best: CoarseHit;
  /** The same of any part of the reference that begins with its first segment. */
  readonly partial: CoarseHit = { segment: 0, start: 0, score: 0 };
  readonly #segments: readonly Segment[];
  readonly #templates: Float32Array;
  /** Sums for the newest starts of each segment. */
  readonly #sums: readonly Float32Array[];

  constructor(reference: PreparedReference) {
    this.#segments = reference.segments;
    this.#templates = reference.templates;
    this.best = { segment: this.#segments.length - 1, start: 0, score: 0 };
    this.#sums = this.#segments.map(() => new Float32Array(REMEMBERED));
  }

  /** Looks at the newest pair of frames. */
  step(frames: CoarseFrames): void {
    for (let index = 0; index < this.#segments.length; index++) {
      const { pairs, at } = this.#segments[index];
      if (frames.count < pairs) continue;
      const last = frames.placeOf(frames.count - 1);
      const scale = scaleOf(frames, last, pairs);
      const start = 2 * (frames.count - pairs);
      // The template of the odd start was made one frame later in the reference.
      this.#note(
        index,
        start - 1,
        scale * product(frames.levels, last, this.#templates, at + pairs * COARSE_BANDS, pairs),
      );
      this.#note(index, start, scale * product(frames.levels, last, this.#templates, at, pairs));
    }
  }

  #note(index: number, start: number, likeness: number): void {
    if (start < 0) return;
    const { from, weight } = this.#segments[index];
    const before =
      index === 0 ? 0 : this.#bestBefore(index - 1, start - (from - this.#segments[index - 1].from));
    const sum = before + weight * Math.max(0, likeness);
    this.#sums[index][start % REMEMBERED] = sum;
    if (sum > this.partial.score) {
      this.partial.score = sum;
      this.partial.segment = index;
      this.partial.start = start;
    }
    if (index < this.#segments.length - 1 || sum <= this.best.score) return;
    this.best.score = sum;
    this.best.start = start;
  }

  /**
   * Whether the reference may still be going on, when it began at a frame: its newest whole segment is like the stream.
   *
   * @param count frames of the stream so far.
   */
  goesOn(began: number, count: number): boolean {
    const length = this.#segments.reduce((sum, { frames }) => sum + frames, 0);
    if (began + length + SLIP_FRAMES < count) return false;
    const index = this.#segments.findLastIndex(
      ({ from, frames }) => began + from + frames + SLIP_FRAMES <= count,
    );
    if (index < 0) return true;
    const { from, weight } = this.#segments[index];
    const before = index === 0 ? 0 : this.#bestBefore(index - 1, began + this.#segments[index - 1].from);
    return this.#bestBefore(index, began + from) - before >= ALIKE * weight;
  }

  #bestBefore(index: number, expected: number): number {
    const sums = this.#sums[index];
    let best = 0;
    for (let slip = -SLIP_FRAMES; slip <= SLIP_FRAMES; slip++) {
      const start = expected + slip;
      if (start < 0) continue;
      const sum = sums[start % REMEMBERED] - SLIP_COST * Math.abs(slip);
      if (sum > best) best = sum;
    }
    // Places of neighbouring frames are much the same: every second one will do.
    for (let slip = SLIP_FRAMES + 1; slip <= PAUSE_FRAMES; slip += 2) {
      const late = sums[(expected + slip) & (REMEMBERED - 1)] - PAUSE_COST;
      if (late > best) best = late;
      const early = expected < slip ? 0 : sums[(expected - slip) & (REMEMBERED - 1)] - PAUSE_COST;
      if (early > best) best = early;
    }
    return best;
  }
}

/** One over the spread of the newest `pairs` around the mean of each band; 0 for silence. */
function scaleOf(frames: CoarseFrames, last: number, pairs: number): number {
  let spread = frames.squares[last] - frames.squares[last - pairs];
  const newest = last * COARSE_BANDS;
  const oldest = (last - pairs) * COARSE_BANDS;
  for (let band = 0; band < COARSE_BANDS; band++) {
    const sum = frames.sums[newest + band] - frames.sums[oldest + band];
    spread -= (sum * sum) / pairs;
  }
  return spread < LEAST_SPREAD * pairs ? 0 : 1 / Math.sqrt(spread);
}

/** Sum of the products of a template and the newest pairs. The means need not be taken out: the template has none. */
function product(
  levels: Float32Array,
  last: number,
  templates: Float32Array,
  at: number,
  pairs: number,
): number {
  const count = pairs * COARSE_BANDS;
  const from = (last + 1) * COARSE_BANDS - count;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = 0; i < count; i += 4) {
    sum0 += levels[from + i] * templates[at + i];
    sum1 += levels[from + i + 1] * templates[at + i + 1];
    sum2 += levels[from + i + 2] * templates[at + i + 2];
    sum3 += levels[from + i + 3] * templates[at + i + 3];
  }
  return sum0 + sum1 + sum2 + sum3;
}
