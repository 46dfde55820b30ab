import { SLIP_FRAMES } from './coarse-search';
import type { HeardFrames } from './heard-frames';
import { piecesBetweenPauses } from './pause-search';
import { pauseBetween } from './pauses';
import { differenceAt, likenessAt, PHASES, Piece } from './piece';
import type { PreparedReference } from './types';

/** What a slip of a quarter of a frame costs, so that it happens only where it gains something. */
const SLIP_COST = 0.001;
/** Below this likeness a segment tells nothing about its place, and keeps that of its neighbour. */
const LEAST_LIKENESS = 0.45;
/** A segment with this likeness is where it was found. */
const SURE = 0.7;
/** Farthest that half a segment may lie from the place of the whole, quarters of a frame, and what it must gain by it. */
const HALF_REACH = 15;
const HALF_GAIN = 0.04;

/** With less likeness than this on the whole it is another sound: prompts that were heard have 0.48 and more, three of five others less. */
export const LEAST_ON_THE_WHOLE = 0.45;

/** A segment with this likeness has no jump within it. */
const WELL_ALIGNED = 0.93;
/** A reference with this likeness has no pause of another length, and what such pauses must gain to be believed. */
const NO_PAUSE = 0.88;
const PAUSE_GAIN = 0.08;

/** Where a reference lies in the stream. */
export interface Alignment {
  /** For each frame of the reference the quarters of a frame from its place there to that in the stream. */
  readonly lags: Int32Array;
  /** Likeness of the segments that have audio, weighted, before their halves are sought. */
  readonly likeness: number;
}

/**
 * Aligns a reference with the stream to 4 ms: from the segment that is most like the stream, each neighbour is sought within
 * ±100 ms of where it should be, and halves of segments within ±60 ms, since a jump of the receiver's buffer seldom falls
 * between two segments. Where that is not enough, pauses that are up to 0.4 s longer or shorter are looked for. Where
 * neighbours lie differently, the frame is found at which the jump was. Of what is too little alike only the segment's place
 * is told.
 *
 * @param last the segment that the coarse search found, and @param start its first frame in the stream.
 */
export function align(
  reference: PreparedReference,
  frames: HeardFrames,
  last: number,
  start: number,
): Alignment {
  const whole = reference.segments.map(({ from, frames: count }) => new Piece(from, count));
  const seek = (index: number, lag: number): void => {
    seekPiece(reference, frames, whole[index], lag, SLIP_FRAMES * PHASES);
  };
  seek(last, (start - whole[last].from) * PHASES);
  for (let index = last - 1; index >= 0; index--) {
    // Nothing of the last four segments is there: what lies before them is not worth the work.
    if (
      last - index >= 4 &&
      whole.slice(index + 1, index + 5).every(({ likeness }) => likeness < LEAST_LIKENESS)
    ) {
      for (let left = index; left >= 0; left--) whole[left].lag = whole[index + 1].lag;
      break;
    }
    seek(index, whole[index + 1].lag);
  }
  // From the best segment on once more: a damaged end has misled all before it.
  const best = whole.reduce(
    (most, { likeness }, index) => (likeness > whole[most].likeness ? index : most),
    0,
  );
  const again = (index: number, lag: number): void => {
    if (whole[index].likeness < SURE || whole[index].lag === lag) seek(index, lag);
  };
  for (let index = best - 1; index >= 0 && index < last; index--) again(index, whole[index + 1].lag);
  for (let index = best + 1; index < whole.length; index++) again(index, whole[index - 1].lag);
  const likeness = meanOf(reference, whole);
  // Of a part that is only named when nothing was heard, pauses are not worth the work.
  const overall = overallOf(reference, whole);
  if (overall < NO_PAUSE && last === whole.length - 1) {
    const stretched = alignPauses(reference, frames, whole[last].lag, overall + PAUSE_GAIN);
    if (stretched) return stretched;
  }
  if (likeness < LEAST_ON_THE_WHOLE) return { lags: lagsOf(reference, frames, [whole[last]]), likeness };
  const pieces = whole.flatMap((piece) => halved(reference, frames, piece));
  return { lags: lagsOf(reference, frames, pieces), likeness };
}

/**
 * The same where pauses are longer or shorter than in the reference; undefined when there are none.
 *
 * @param least likeness over all pieces that they must be worth.
 */
function alignPauses(
  reference: PreparedReference,
  frames: HeardFrames,
  lag: number,
  least: number,
): Alignment | undefined {
  const whole = piecesBetweenPauses(reference, frames, lag);
  if (!whole) return undefined;
  for (const piece of whole) seekPiece(reference, frames, piece, piece.lag, SLIP_FRAMES * PHASES);
  const likeness = meanOf(reference, whole);
  if (likeness < LEAST_ON_THE_WHOLE || overallOf(reference, whole) < least) return undefined;
  const pieces = whole.flatMap((piece) => halved(reference, frames, piece));
  return { lags: lagsOf(reference, frames, pieces), likeness };
}

/** Mean likeness of all pieces, also of those that met silence or no audio. */
function overallOf(reference: PreparedReference, whole: readonly Piece[]): number {
  const weights = whole.map((piece) => piece.spread(reference));
  const sum = whole.reduce((before, { likeness }, index) => before + weights[index] * likeness, 0);
  return sum / (weights.reduce((before, weight) => before + weight, 0) || 1);
}

/** Mean likeness of the pieces that were compared at all, by how much there is to tell them by. */
function meanOf(reference: PreparedReference, whole: readonly Piece[]): number {
  let sum = 0;
  let weights = 0;
  for (const piece of whole) {
    if (piece.likeness <= 0) continue;
    const weight = piece.spread(reference);
    sum += weight * piece.likeness;
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

/** The halves of a piece, each where it fits better than the whole does. */
function halved(reference: PreparedReference, frames: HeardFrames, whole: Piece): Piece[] {
  const first = whole.frames >> 1;
  if (whole.likeness >= WELL_ALIGNED) return [whole];
  const halves = [
    new Piece(whole.from, first, whole.lag),
    new Piece(whole.from + first, whole.frames - first, whole.lag),
  ];
  for (const half of halves) {
    const before = likenessAt(reference, frames, half, whole.lag);
    seekPiece(reference, frames, half, whole.lag, HALF_REACH);
    if (half.likeness < before + HALF_GAIN) half.lag = whole.lag;
  }
  return halves;
}

/** Writes the best lag of a piece near the expected one into it. */
function seekPiece(
  reference: PreparedReference,
  frames: HeardFrames,
  piece: Piece,
  expected: number,
  reach: number,
): void {
  piece.lag = expected;
  piece.likeness = likenessAt(reference, frames, piece, expected);
  let best = piece.likeness;
  const attempt = (lag: number): void => {
    const likeness = likenessAt(reference, frames, piece, lag);
    const gain = likeness - SLIP_COST * Math.abs(lag - expected);
    if (gain <= best || likeness < LEAST_LIKENESS) return;
    best = gain;
    piece.lag = lag;
    piece.likeness = likeness;
  };
  for (let offset = PHASES; offset <= reach; offset += PHASES) {
    attempt(expected - offset);
    attempt(expected + offset);
  }
  for (const step of [2, 1]) {
    const middle = piece.lag;
    attempt(middle - step);
    attempt(middle + step);
  }
}

/** The lag of each frame, when neighbouring pieces lie differently. */
function lagsOf(reference: PreparedReference, frames: HeardFrames, pieces: readonly Piece[]): Int32Array {
  const lags = new Int32Array(reference.frames).fill(pieces[0].lag);
  for (const { from, frames: count, lag } of pieces) lags.fill(lag, from, from + count);
  for (let index = 1; index < pieces.length; index++) {
    const before = pieces[index - 1];
    const after = pieces[index];
    if (before.lag === after.lag) continue;
    const isPause = Math.abs(after.lag - before.lag) > SLIP_FRAMES * PHASES;
    const pause = isPause ? pauseBetween(reference, frames, before, after) : undefined;
    const at = pause ?? jumpBetween(reference, frames, before, after);
    lags.fill(before.lag, before.from, at);
    lags.fill(after.lag, at, after.from + after.frames);
  }
  return lags;
}

/** The frame of the reference at which the place changes from that of a piece to that of the next with the least difference. */
function jumpBetween(reference: PreparedReference, frames: HeardFrames, before: Piece, after: Piece): number {
  let sum = 0;
  let least = 0;
  let at = before.from;
  for (let k = before.from; k < after.from + after.frames; k++) {
    sum += differenceAt(reference, frames, k, before.lag) - differenceAt(reference, frames, k, after.lag);
    if (sum >= least) continue;
    least = sum;
    at = k + 1;
  }
  return at;
}
