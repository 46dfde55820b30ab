import { type Comparison, MET } from './comparison';

/** Frames over which presence is judged: 0.2 s for the ends, 0.4 s within. */
const END_FRAMES = 12;
export const INNER_FRAMES = 25;
/** Share of the strong cells from which on an end of a reference is there. */
const PRESENT = 0.6;
/** A stretch with less of the usual weight says too little to be judged. */
export const ENOUGH = 0.4;
/** A few frames at the start may be too weak to be seen. */
const UNSEEN_FRAMES = 3;

/** How much of a reference is there. Counts are frames of the reference. */
export interface Presence {
  /** First frame that is there, and the one behind the last. */
  readonly first: number;
  readonly end: number;
  readonly missingStart: number;
  /** What of it lies within the audio, and was not lost. */
  readonly unsaidStart: number;
  /** Missing at the end: silent or something else up to the last frame of that kind, lost sound, and not come. */
  readonly silentEnd: number;
  readonly lostEnd: number;
  readonly absentEnd: number;
  /** Frames between the ends that met no sound. */
  readonly gaps: number;
  /** Share of the frames with strong cells, from the first that is there to the last, that met silence; lost ones left out. */
  readonly holes: number;
  /** Frames with strong cells that were heard. */
  readonly heardFrames: number;
  /** Those of them that no loss has touched. */
  readonly clearFrames: number;
  /** Share of the weight of all strong cells that were heard. */
  readonly heard: number;
  /** Share of the weight of those that were lost. */
  readonly lostWeight: number;
  /** Share of the strong cells that are there, of the frames that no loss has touched. */
  readonly present: number;
  /** The same for the stretch of 0.4 s of which the least is there. */
  readonly leastPresent: number;
  /** Share of the frames that were lost. */
  readonly lost: number;
}

/** Sums up what of a reference is there. */
export function presenceOf(comparison: Comparison): Presence {
  const { met, strong, present, shaken } = comparison;
  const length = met.length;
  const first = fromEnd(length, 1, (k) => isThere(comparison, k, 1));
  const end = length - fromEnd(length, -1, (k) => isThere(comparison, k, -1));
  const hasStrong = (k: number): boolean => strong[k] > 0;
  const missingStart = Math.max(0, first - fromEnd(length, 1, hasStrong));
  const lastStrong = length - fromEnd(length, -1, hasStrong);
  const tailFrom = Math.min(end, lastStrong);
  const absentEnd = met.subarray(tailFrom, lastStrong).filter((one) => one === MET.nothing).length;
  let silentEnd = 0;
  let lostEnd = 0;
  for (let k = tailFrom, silent = 0; k < lastStrong; k++) {
    if (met[k] === MET.nothing) continue;
    const isLost = isTouched(comparison, k);
    if (!isLost) silent++;
    if (!hasStrong(k)) continue;
    // Soft frames tell nothing by themselves, only between a sound and one that is missing.
    if (isLost) lostEnd++;
    else silentEnd = silent;
  }
  let gaps = 0;
  let lost = 0;
  let lostWeight = 0;
  let heardFrames = 0;
  let clearFrames = 0;
  let all = 0;
  let heard = 0;
  let audible = 0;
  let there = 0;
  for (let k = 0; k < length; k++) {
    all += strong[k];
    if (met[k] === MET.lost) {
      lost++;
      lostWeight += strong[k];
    }
    if (k < first || k >= end) continue;
    if (met[k] !== MET.sound) gaps++;
    if (met[k] < MET.gap) continue;
    if (shaken[k] === 0) {
      audible += strong[k];
      there += present[k];
    }
    if (met[k] !== MET.sound || strong[k] === 0) continue;
    heardFrames++;
    if (shaken[k] === 0) clearFrames++;
    heard += strong[k];
  }
  return {
    first,
    end,
    missingStart: missingStart < UNSEEN_FRAMES ? 0 : missingStart,
    unsaidStart: countFrom(
      first - missingStart,
      first,
      (k) => met[k] !== MET.nothing && !isTouched(comparison, k),
    ),
    silentEnd,
    lostEnd,
    absentEnd,
    gaps,
    holes: holesOf(comparison, first, lastStrong),
    heardFrames,
    clearFrames,
    heard: all > 0 ? heard / all : 0,
    lostWeight: all > 0 ? lostWeight / all : 0,
    present: audible > 0 ? there / audible : 0,
    leastPresent: leastPresent(comparison, first, lastStrong),
    lost: lost / length,
  };
}

function holesOf({ met, strong }: Comparison, first: number, end: number): number {
  let silent = 0;
  let audible = 0;
  for (let k = first; k < end; k++) {
    if (strong[k] === 0 || met[k] < MET.gap) continue;
    audible++;
    if (met[k] === MET.gap) silent++;
  }
  return audible > 0 ? silent / audible : 0;
}

/** Frames from an end of the reference to the first for which something holds. */
function fromEnd(length: number, step: 1 | -1, holds: (k: number) => boolean): number {
  let count = 0;
  while (count < length && !holds(step === 1 ? count : length - 1 - count)) count++;
  return count;
}

function countFrom(from: number, end: number, holds: (k: number) => boolean): number {
  let count = 0;
  for (let k = from; k < end; k++) if (holds(k)) count++;
  return count;
}

/** Whether a loss has touched a frame, so that it tells nothing. */
function isTouched({ met, shaken }: Comparison, k: number): boolean {
  return met[k] === MET.lost || shaken[k] === 1;
}

/** Whether a frame is there, and most of the 0.2 s behind it as seen from its end, as far as no loss has touched that. */
function isThere(comparison: Comparison, k: number, step: 1 | -1): boolean {
  const { met, strong, present } = comparison;
  if (met[k] !== MET.sound || strong[k] === 0 || present[k] < 0.5 * strong[k]) return false;
  let wanted = 0;
  let there = 0;
  for (let i = 0, at = k; i < END_FRAMES && at >= 0 && at < met.length; i++, at += step) {
    if (met[at] < MET.gap || (at !== k && isTouched(comparison, at))) continue;
    wanted += strong[at];
    there += present[at];
  }
  return there >= PRESENT * wanted;
}

function leastPresent({ met, strong, present, shaken }: Comparison, first: number, end: number): number {
  const window = Math.max(1, Math.min(INNER_FRAMES, end - first));
  let all = 0;
  for (let k = first; k < end; k++) all += strong[k];
  const enough = (ENOUGH * all * window) / Math.max(1, end - first);
  let least = 1;
  for (let from = first; from + window <= end; from += 3) {
    let wanted = 0;
    let there = 0;
    for (let k = from; k < from + window; k++) {
      if (met[k] !== MET.sound || shaken[k] === 1) continue;
      wanted += strong[k];
      there += present[k];
    }
    if (wanted > enough) least = Math.min(least, there / wanted);
  }
  return least;
}
