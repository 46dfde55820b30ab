import { BANDS } from './bands';
import { type HeardFrames, MOST_LOST } from './heard-frames';
import type { PreparedReference } from './types';

/** Offsets at which a reference is analysed, so that it is compared to a quarter of a frame (4 ms). */
export const PHASES = 4;

/** Frames that a piece needs within the audio for its place to be sought. */
const LEAST_FRAMES = 8;
/** Spread of the levels for each frame below which it is silence, square bels. */
export const LEAST_SPREAD = 0.02;

/** A stretch of a reference that has a place of its own in the stream. */
export class Piece {
  likeness = 0;
  /** Sums of all its frames at each phase that was needed: of each band, then of all squares. */
  readonly #sums: (Float64Array | undefined)[] = [];

  /** @param lag quarters of a frame from its place in the reference to that in the stream. */
  constructor(
    readonly from: number,
    readonly frames: number,
    public lag = 0,
  ) {}

  /** How much there is to tell it by: the square root of what its levels differ from the mean of each band. */
  spread(reference: PreparedReference): number {
    this.sum(reference, 0, 0, this.frames, wantedSums);
    let squares = wantedSums[BANDS];
    for (let band = 0; band < BANDS; band++) squares -= wantedSums[band] ** 2 / this.frames;
    return Math.sqrt(Math.max(0, squares));
  }

  /** Writes the sums of its frames from `first` to before `end`, at the phase of a lag. */
  sum(reference: PreparedReference, lag: number, first: number, end: number, sums: Float64Array): void {
    const isWhole = first === 0 && end === this.frames;
    const phase = frameLag(lag) * PHASES - lag;
    const known = isWhole ? this.#sums[phase] : undefined;
    if (known) {
      sums.set(known);
      return;
    }
    sums.fill(0);
    for (let i = first; i < end; i++)
      addFrame(reference.levels, rowAt(reference, this.from + i, lag), sums, 1);
    if (isWhole) this.#sums[phase] = sums.slice();
  }
}

/** Whole frames of a lag: what frame `k` of the reference meets is frame `k + frameLag(lag)` of the stream. */
export function frameLag(lag: number): number {
  return Math.ceil(lag / PHASES);
}

/** Where the frame of the stream lies in `HeardFrames` that a frame of the reference meets; −1 outside of the audio. */
export function placeAt(frames: HeardFrames, k: number, lag: number): number {
  const frame = k + frameLag(lag);
  return frame < frames.first || frame >= frames.count ? -1 : frames.placeOf(frame);
}

/**
 * Where the levels lie in `reference.levels` that are compared with that frame: it begins up to three quarters of a frame
 * later than frame `k` of the reference.
 */
export function rowAt(reference: PreparedReference, k: number, lag: number): number {
  const phase = frameLag(lag) * PHASES - lag;
  return (phase * reference.frames + k) * BANDS;
}

const wantedSums = new Float64Array(BANDS + 1);

/**
 * Correlation of a piece with the stream at a lag, the mean of each band taken out of both; 0 outside of the audio. Only the
 * products need every level: sums of the stream come from its running sums, those of the piece are kept.
 */
export function likenessAt(
  reference: PreparedReference,
  frames: HeardFrames,
  piece: Piece,
  lag: number,
): number {
  const begin = piece.from + frameLag(lag);
  const from = Math.max(0, frames.first - begin);
  const to = Math.min(piece.frames, frames.count - begin);
  if (to - from < LEAST_FRAMES) return 0;
  piece.sum(reference, lag, from, to, wantedSums);
  // Both lie in one piece: the places of the stream up to the last frame, and those of the reference.
  const lastPlace = frames.placeOf(begin + to - 1);
  const firstPlace = lastPlace - (to - 1 - from);
  const firstRow = rowAt(reference, piece.from + from, lag);
  let count = to - from;
  let products = 0;
  for (let place = firstPlace, row = firstRow; place <= lastPlace; place++, row += BANDS) {
    if (frames.lost[place] > MOST_LOST) {
      addFrame(reference.levels, row, wantedSums, -1);
      count--;
    } else products += dot(reference.levels, row, frames.levels, place * BANDS);
  }
  if (count < LEAST_FRAMES) return 0;
  let wanted = wantedSums[BANDS];
  let got = frames.squares[lastPlace] - frames.squares[firstPlace - 1];
  for (let band = 0; band < BANDS; band++) {
    const r = wantedSums[band];
    const x = frames.sums[lastPlace * BANDS + band] - frames.sums[(firstPlace - 1) * BANDS + band];
    products -= (r * x) / count;
    wanted -= (r * r) / count;
    got -= (x * x) / count;
  }
  return got < LEAST_SPREAD * count || wanted <= 0 ? 0 : products / Math.sqrt(wanted * got);
}

/** How differently a frame of the reference and one of the stream rise and fall over the bands. */
export function differenceAt(
  reference: PreparedReference,
  frames: HeardFrames,
  k: number,
  lag: number,
): number {
  const row = rowAt(reference, k, lag);
  const place = placeAt(frames, k, lag);
  if (place < 0 || frames.lost[place] > MOST_LOST) return 0;
  let mean = 0;
  for (let band = 0; band < BANDS; band++)
    mean += frames.levels[place * BANDS + band] - reference.levels[row + band];
  mean /= BANDS;
  let sum = 0;
  for (let band = 0; band < BANDS; band++) {
    sum += Math.abs(frames.levels[place * BANDS + band] - reference.levels[row + band] - mean);
  }
  return sum;
}

/** Adds the levels of a frame and their squares, or takes them away. */
function addFrame(levels: Float32Array, row: number, sums: Float64Array, sign: 1 | -1): void {
  let squares = 0;
  for (let band = 0; band < BANDS; band++) {
    const level = levels[row + band];
    sums[band] += sign * level;
    squares += level * level;
  }
  sums[BANDS] += sign * squares;
}

function dot(a: Float32Array, i: number, b: Float32Array, k: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let band = 0; band < BANDS; band += 4) {
    sum0 += a[i + band] * b[k + band];
    sum1 += a[i + band + 1] * b[k + band + 1];
    sum2 += a[i + band + 2] * b[k + band + 2];
    sum3 += a[i + band + 3] * b[k + band + 3];
  }
  return sum0 + sum1 + sum2 + sum3;
}
