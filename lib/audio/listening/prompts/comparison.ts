import { BANDS } from './bands';
import { type Alignment, MOST_LOST, placeAt, rowAt } from './alignment';
import type { HeardFrames } from './heard-frames';
import type { PreparedReference } from './types';

/** Cells within this many bels of the loudest of their second are what a voice is told by: 18 dB. */
const STRONG = 1.8;
/** A cell that is this much weaker than expected (9 dB) is not there. */
const ABSENT = 0.9;
/** Mean weakness of the strong cells of a frame from which on it is a gap: 14 dB. */
const GAP = 1.4;

/** What a frame of the reference met in the stream: no audio, lost audio, silence in place of its sound, or a sound. */
export const MET = { nothing: 0, lost: 1, gap: 2, sound: 3 } as const;

/** Comparison of a reference with an aligned stretch of the stream, frame by frame of the reference. */
export interface Comparison {
  readonly met: Uint8Array;
  /** Weight of the strong cells of each frame, and of those that are there. */
  readonly strong: Float32Array;
  readonly present: Float32Array;
  /** Mean difference of strong cells to what was expected, bels. */
  readonly excess: Float32Array;
  /** Place of each frame in `HeardFrames`, and of what it is compared with in the reference; −1 for none. */
  readonly places: Int32Array;
  readonly rows: Int32Array;
}

/** Compares a reference with the stream where it was aligned. */
export function compare(reference: PreparedReference, frames: HeardFrames, alignment: Alignment): Comparison {
  const { levels } = reference;
  const places = Int32Array.from(alignment.lags, (lag, k) => placeAt(frames, k, lag));
  const rows = Int32Array.from(alignment.lags, (lag, k) => rowAt(reference, k, lag));
  const tops = localTops(reference);
  const gains = gainsOf(reference, frames, places, rows, tops);
  const result = {
    met: new Uint8Array(reference.frames),
    strong: new Float32Array(reference.frames),
    present: new Float32Array(reference.frames),
    excess: new Float32Array(reference.frames),
    places,
    rows,
  };
  for (let k = 0; k < reference.frames; k++) {
    const row = rows[k] < 0 ? k * BANDS : rows[k];
    const audible = places[k] >= 0 && frames.lost[places[k]] <= MOST_LOST;
    let strong = 0;
    let present = 0;
    let excess = 0;
    for (let band = 0; band < BANDS; band++) {
      const wanted = levels[row + band];
      const weight = wanted - (tops[k] - STRONG);
      if (weight <= 0) continue;
      strong += weight;
      if (!audible) continue;
      const difference = frames.levels[places[k] * BANDS + band] - wanted - gains[band];
      excess += weight * Math.max(-4, Math.min(1, difference));
      if (difference > -ABSENT) present += weight;
    }
    result.strong[k] = strong;
    result.present[k] = present;
    result.excess[k] = strong > 0 ? excess / strong : 0;
    result.met[k] = audible
      ? result.excess[k] < -GAP
        ? MET.gap
        : MET.sound
      : places[k] < 0
        ? MET.nothing
        : MET.lost;
  }
  return result;
}

/** Loudest cell within half a second of each frame. */
function localTops(reference: PreparedReference): Float32Array {
  const { frames, levels } = reference;
  const own = new Float32Array(frames);
  for (let k = 0; k < frames; k++) {
    let top = -Infinity;
    for (let band = 0; band < BANDS; band++) top = Math.max(top, levels[k * BANDS + band]);
    own[k] = top;
  }
  const tops = new Float32Array(frames);
  for (let k = 0; k < frames; k++) {
    let top = -Infinity;
    for (let j = Math.max(0, k - 31); j <= Math.min(frames - 1, k + 31); j++) top = Math.max(top, own[j]);
    tops[k] = top;
  }
  return tops;
}

/** Median difference of the strong cells of each band: level and colour of the line. */
function gainsOf(
  reference: PreparedReference,
  frames: HeardFrames,
  places: Int32Array,
  rows: Int32Array,
  tops: Float32Array,
): Float64Array {
  const all: number[] = [];
  const perBand: number[][] = Array.from({ length: BANDS }, () => []);
  for (let k = 0; k < reference.frames; k++) {
    if (places[k] < 0 || rows[k] < 0 || frames.lost[places[k]] > MOST_LOST) continue;
    for (let band = 0; band < BANDS; band++) {
      const wanted = reference.levels[rows[k] + band];
      if (wanted <= tops[k] - STRONG) continue;
      const difference = frames.levels[places[k] * BANDS + band] - wanted;
      all.push(difference);
      perBand[band].push(difference);
    }
  }
  const whole = median(all);
  return Float64Array.from(perBand, (differences) => {
    const own = differences.length < 8 ? whole : median(differences);
    return Math.max(whole - 0.8, Math.min(whole + 0.8, own));
  });
}

function median(values: number[]): number {
  if (values.length === 0) return 0;
  values.sort((a, b) => a - b);
  return values[values.length >> 1];
}
