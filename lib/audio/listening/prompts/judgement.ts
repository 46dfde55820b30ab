import { type Alignment, align, LEAST_ON_THE_WHOLE } from './alignment';
import { FRAME_MS } from './bands';
import { compare, type Comparison, MET } from './comparison';
import type { HeardFrames } from './heard-frames';
import { PHASES } from './piece';
import { presenceOf, type Presence } from './presence';
import { LEAST_TRUST, scoreOf } from './score';
import type { PreparedReference } from './types';

const QUARTER_MS = FRAME_MS / PHASES;
/** Least share of the reference that must be heard, and most of it that may be missing without being lost. */
const LEAST_HEARD = 0.25;
const MOST_SILENT = 0.5;
/** Most of what comes behind the first sound that may be silence in place of a sound: holes, and a word that was not said. */
const MOST_HOLES = 0.2;
/**
 * Most of the beginning that may be missing although there is audio: a line that opens late. What lies before the audio
 * began may be more.
 */
const MOST_UNSAID_FRAMES = 32;
const MOST_UNSAID = 0.35;
/** Longest stretch that may hold another sound where the beginning should be: of a line that opens late it is silent. */
const MOST_OTHER_START_FRAMES = 10;
/** A sound that is this much weaker than what was heard of the reference (6 dB) is noise, or somebody else. */
const OTHER_SOUND = 10 ** -0.6;
/** Longest that may be missing at the end: silent (on a line with losses, since decoders fade out), not come, and lost. */
const MOST_SILENT_END_MS = 64;
const MOST_FADED_END_MS = 128;
const MOST_ABSENT_END_MS = 64;
const MOST_LOST_END_MS = 320;

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
  const endFrame = reference.frames + Math.ceil(alignment.lags[reference.frames - 1] / PHASES);
  if (alignment.likeness < LEAST_ON_THE_WHOLE) return otherSound(reference, alignment, endFrame);
  const comparison = compare(reference, frames, alignment);
  const presence = presenceOf(comparison);
  const { first, end } = presence;
  const level = powerOf(frames, comparison, first, end);
  return {
    ...scoreOf({ reference, frames, comparison, presence }),
    complete:
      presence.heard >= LEAST_HEARD &&
      1 - presence.heard - presence.lostWeight <= MOST_SILENT &&
      presence.holes <= MOST_HOLES &&
      beginsRightly(presence, frames, comparison, level) &&
      endsRightly(presence),
    endFrame,
    ...spanOf(reference, alignment, first, end),
    missingStartMs: presence.missingStart * FRAME_MS,
    missingEndMs: Math.max(presence.silentEnd, presence.lostEnd + presence.absentEnd) * FRAME_MS,
    gapsMs: presence.gaps * FRAME_MS,
    levelDbfs: level > 0 ? 10 * Math.log10(level / 32_768 ** 2) : -Infinity,
  };
}

/** What is too little alike for a detailed comparison. */
function otherSound(reference: PreparedReference, alignment: Alignment, endFrame: number): Judgement {
  return {
    score: LEAST_TRUST * alignment.likeness,
    complete: false,
    endFrame,
    ...spanOf(reference, alignment, 0, reference.frames),
    missingStartMs: 0,
    missingEndMs: 0,
    gapsMs: 0,
    levelDbfs: -Infinity,
    threshold: reference.threshold,
  };
}

/** Whether not too much of the beginning is missing, and nothing else was said in its place. */
function beginsRightly(
  { first, missingStart, unsaidStart }: Presence,
  frames: HeardFrames,
  comparison: Comparison,
  level: number,
): boolean {
  const { places } = comparison;
  if (unsaidStart > Math.min(MOST_UNSAID_FRAMES, MOST_UNSAID * places.length)) return false;
  return (
    unsaidStart <= MOST_OTHER_START_FRAMES ||
    powerOf(frames, comparison, first - missingStart, first) < OTHER_SOUND * level
  );
}

function endsRightly({ silentEnd, absentEnd, lostEnd, lost }: Presence): boolean {
  return (
    silentEnd * FRAME_MS <= (lost > 0 ? MOST_FADED_END_MS : MOST_SILENT_END_MS) &&
    absentEnd * FRAME_MS <= MOST_ABSENT_END_MS &&
    lostEnd * FRAME_MS <= MOST_LOST_END_MS
  );
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

/** Mean power of the audible frames of a stretch; 0 when there are none. */
function powerOf(frames: HeardFrames, { met, places }: Comparison, first: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let k = Math.max(0, first); k < end; k++) {
    if (met[k] < MET.gap) continue;
    sum += frames.powers[places[k]];
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
