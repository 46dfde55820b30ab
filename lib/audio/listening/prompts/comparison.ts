import { BANDS } from './bands';
import type { Alignment } from './alignment';
import { SLIP_FRAMES } from './coarse-search';
import { PHASES, placeAt, rowAt } from './piece';
import { type HeardFrames, MOST_LOST } from './heard-frames';
import type { PreparedReference } from './types';

/** Cells within this many bels of the loudest of their second are what a voice is told by: 18 dB. */
const STRONG = 1.8;
/** A cell that is this much weaker than expected (9 dB) is not there. */
const ABSENT = 0.9;
/** Mean weakness of the strong cells of a frame from which on it is a gap: 14 dB. */
const GAP = 1.4;

/** Frames beside a pause of another length that meet some of it: a frame is as long as two of their distances. */
const BESIDE_PAUSE = 2;

/** Frames that a median is taken of; of long references only every second, third … */
const MEDIAN_FRAMES = 250;

/** What a frame of the reference met in the stream: no audio, lost audio, silence in place of its sound, or a sound. */
export const MET = { nothing: 0, lost: 1, gap: 2, sound: 3 } as const;

/** Comparison of a reference with an aligned stretch of the stream, frame by frame of the reference. */
export interface Comparison {
  readonly met: Uint8Array;
  /** Weight of the strong cells of each frame, and of those that are there. */
  readonly strong: Float32Array;
  readonly present: Float32Array;
  /** 1 for frames in or right after which audio was lost: a decoder needs a moment to recover. */
  readonly shaken: Uint8Array;
  /** Place of each frame in `HeardFrames`, −1 for none, and of what it is compared with in the reference. */
  readonly places: Int32Array;
  readonly rows: Int32Array;
  /** Level from which a cell of each frame of the reference is strong, and what the line adds to each band, bels. */
  readonly floors: Float32Array;
  readonly gains: Float64Array;
}

/** Compares a reference with the stream where it was aligned. */
export function compare(reference: PreparedReference, frames: HeardFrames, alignment: Alignment): Comparison {
  const { levels } = reference;
  const places = Int32Array.from(alignment.lags, (lag, k) => placeAt(frames, k, lag));
  const rows = Int32Array.from(alignment.lags, (lag, k) => rowAt(reference, k, lag));
  const { tops } = reference;
  const gains = gainsOf(reference, frames, places, rows, tops);
  const result = {
    met: new Uint8Array(reference.frames),
    strong: new Float32Array(reference.frames),
    present: new Float32Array(reference.frames),
    shaken: new Uint8Array(reference.frames),
    places,
    rows,
    floors: tops.map((top) => top - STRONG),
    gains,
  };
  for (let k = 0; k < reference.frames; k++) {
    const row = rows[k];
    const audible = places[k] >= 0 && frames.lost[places[k]] <= MOST_LOST;
    let strong = 0;
    let present = 0;
    let excess = 0;
    for (let band = 0; band < BANDS; band++) {
      const wanted = levels[row + band];
      const weight = wanted - result.floors[k];
      if (weight <= 0) continue;
      strong += weight;
      if (!audible) continue;
      const difference = frames.levels[places[k] * BANDS + band] - wanted - gains[band];
      excess += weight * Math.max(-4, Math.min(1, difference));
      if (difference > -ABSENT) present += weight;
    }
    result.strong[k] = strong;
    result.present[k] = present;
    if (audible && isShaken(frames.lost, places[k])) result.shaken[k] = 1;
    result.met[k] = audible
      ? strong > 0 && excess / strong < -GAP
        ? MET.gap
        : MET.sound
      : places[k] < 0
        ? MET.nothing
        : MET.lost;
  }
  shakeJumps(alignment.lags, result.shaken);
  return result;
}

/** Whether audio was lost in a frame or shortly before it. */
function isShaken(lost: Float32Array, place: number): boolean {
  return lost[place] > 0 || lost[place - 1] > MOST_LOST || lost[Math.max(0, place - 2)] > MOST_LOST;
}

/**
 * Frames at a jump of the receiver's buffer meet what lies before or behind it, or were left out. Where a pause is longer,
 * only those beside it do; where it is shorter, those behind that are left out.
 */
function shakeJumps(lags: Int32Array, shaken: Uint8Array): void {
  for (let k = 1; k < lags.length; k++) {
    if (lags[k] === lags[k - 1]) continue;
    const reach = Math.ceil(Math.abs(lags[k] - lags[k - 1]) / PHASES) + 1;
    const isPause = reach > SLIP_FRAMES + 1;
    const isLonger = lags[k] > lags[k - 1];
    shaken.fill(
      1,
      Math.max(0, k - (isPause ? BESIDE_PAUSE : reach)),
      Math.min(shaken.length, k + (isPause && isLonger ? BESIDE_PAUSE : reach)),
    );
  }
}

/** Differences of the strong cells of each band, and how many there are. */
const differences = Array.from({ length: BANDS }, () => new Float32Array(MEDIAN_FRAMES));
const counts = new Uint32Array(BANDS);
const all = new Float32Array(MEDIAN_FRAMES * BANDS);

/** Median difference of the strong cells of each band: level and colour of the line. */
function gainsOf(
  reference: PreparedReference,
  frames: HeardFrames,
  places: Int32Array,
  rows: Int32Array,
  tops: Float32Array,
): Float64Array {
  counts.fill(0);
  let total = 0;
  const step = Math.ceil(reference.frames / MEDIAN_FRAMES);
  for (let k = 0; k < reference.frames; k += step) {
    if (places[k] < 0 || frames.lost[places[k]] > MOST_LOST) continue;
    for (let band = 0; band < BANDS; band++) {
      const wanted = reference.levels[rows[k] + band];
      if (wanted <= tops[k] - STRONG) continue;
      const difference = frames.levels[places[k] * BANDS + band] - wanted;
      all[total++] = difference;
      differences[band][counts[band]++] = difference;
    }
  }
  const whole = median(all, total);
  return Float64Array.from(differences, (ofBand, band) => {
    const own = counts[band] < 8 ? whole : median(ofBand, counts[band]);
    return Math.max(whole - 0.8, Math.min(whole + 0.8, own));
  });
}

/** Sorts the first `count` values and returns the one in the middle. */
function median(values: Float32Array, count: number): number {
  return count === 0 ? 0 : values.subarray(0, count).sort()[count >> 1];
}
