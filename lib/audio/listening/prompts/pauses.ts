import { BANDS } from './bands';
import { type HeardFrames, MOST_LOST } from './heard-frames';
import { differenceAt, frameLag, type Piece } from './piece';
import type { PreparedReference } from './types';

/** Most that a pause may be longer or shorter than in the reference, frames: 450 ms. */
export const PAUSE_FRAMES = 28;

/** A frame of the stream that is so much weaker (10 dB) than what is around it is silent. */
const SILENT = 0.1;
/** A frame of the reference whose loudest band is so much softer than the loudest near it (15 dB) is silent, bels. */
const SOFT = 1.5;
/** Least share of a pause that is silent, since a click may lie in it, and the frames at its ends that have some sound. */
const MOSTLY = 0.85;
const EDGES = 2;

/**
 * Where the pause lies that makes two neighbouring pieces lie differently. What the stream has more than the reference, or
 * the reference more than the stream, must be silent: such pauses are stretched and shortened by telephones, buffers and busy
 * machines, and no word is missing or added.
 *
 * @param before the piece that is earlier in the reference.
 * @returns the frame of the reference from which on the place of the second piece holds; undefined when there is no pause.
 */
export function pauseBetween(
  reference: PreparedReference,
  frames: HeardFrames,
  before: Piece,
  after: Piece,
): number | undefined {
  const change = frameLag(after.lag) - frameLag(before.lag);
  const length = Math.abs(change);
  const end = after.from + after.frames;
  const silences =
    change > 0
      ? silentFrames(frames, before.from + frameLag(before.lag), end - before.from + length)
      : softFrames(reference, before.from, end);
  const leftOut = change < 0 ? length : 0;
  let silent = 0;
  for (let i = 0; i < length; i++) silent += silences[i] ?? 0;
  let difference = 0;
  let least = Infinity;
  let found: number | undefined;
  for (let k = before.from, i = 0; k + leftOut <= end && i + length <= silences.length; k++, i++) {
    if (silent >= MOSTLY * (length - EDGES) && difference < least) {
      least = difference;
      found = k;
    }
    silent += (silences[i + length] ?? 0) - silences[i];
    if (k + leftOut >= end) break;
    difference += differenceAt(reference, frames, k, before.lag);
    difference -= differenceAt(reference, frames, k + leftOut, after.lag);
  }
  return found;
}

/** 1 for each frame of the stream that is silent beside the others, was lost, or is not there. */
export function silentFrames(frames: HeardFrames, from: number, count: number): Uint8Array {
  const powers = Float64Array.from({ length: count }, (_, i) => {
    const frame = from + i;
    if (frame < frames.first || frame >= frames.count) return 0;
    const place = frames.placeOf(frame);
    return frames.lost[place] > MOST_LOST ? 0 : frames.powers[place];
  });
  const sounding = powers.filter((power) => power > 0);
  const mean = sounding.reduce((sum, power) => sum + power, 0) / Math.max(1, sounding.length);
  return Uint8Array.from(powers, (power) => (power < SILENT * mean ? 1 : 0));
}

/** 1 for each frame of a stretch of the reference that is silent. */
export function softFrames({ levels, tops }: PreparedReference, from: number, end: number): Uint8Array {
  return Uint8Array.from({ length: end - from }, (_, i) => {
    const row = (from + i) * BANDS;
    for (let band = 0; band < BANDS; band++) if (levels[row + band] > tops[from + i] - SOFT) return 0;
    return 1;
  });
}
