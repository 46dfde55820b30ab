import { FRAME_MS } from './bands';
import type { Comparison } from './comparison';
import type { HeardFrames } from './heard-frames';
import { leastLikeness, likenessOf } from './likeness';
import type { Presence } from './presence';
import { thresholdOf, uncapped } from './threshold';
import type { PreparedReference } from './types';

/** Presence of the weakest stretch at which a likeness counts wholly, and at which least. */
const WHOLLY_THERE = 0.85;
const NOT_THERE = 0.6;
/** The same for the likeness of the least alike stretch. */
const ALIKE = 0.45;
const UNLIKE = 0.15;
/** Where every stretch is at least so alike, a weak one is only softer: counts wholly, and not at all. */
const SOFTER = 0.7;
const NOT_SOFTER = 0.45;
/** From this presence on nothing at all is missing. */
const ALL_PRESENT = 0.985;
/** Where nothing is missing, what makes it less alike is another voice or noise: so much less is asked. */
const FOR_ALL_PRESENT = 0.05;
/** So much more than usual is asked where what another sound covers is left out. */
const FOR_COVERED = 0.02;
/** What is left of a likeness that counts for nothing, so that the nearest of what was not heard can still be named. */
export const LEAST_TRUST = 0.3;
/** How much less is asked of the weakest stretch where audio was lost: by share of the frames that were. */
const LOSS_ALLOWANCE = 1;
/** What a frame in or right after which audio was lost says about the whole. */
const SHAKEN_WORTH = 0.7;

/** How alike a stretch of the stream is, and how alike it must be to count as heard; 0 to 1. */
export interface Score {
  readonly score: number;
  readonly threshold: number;
}

/** A stretch of the stream that was compared with a reference. */
interface Compared {
  readonly reference: PreparedReference;
  readonly frames: HeardFrames;
  readonly comparison: Comparison;
  readonly presence: Presence;
}

/**
 * Scores a stretch that was compared. There are two ways to be heard, each with a threshold of its own: in full, or beneath
 * another sound, which is left out. The better way counts, told by the threshold of the first.
 */
export function scoreOf(compared: Compared): Score {
  const full = inFull(compared);
  if (!mayBeCovered(compared.presence)) return full;
  const beneath = beneathAnotherSound(compared);
  const moreAsked = beneath.threshold - full.threshold;
  return { score: Math.max(full.score, beneath.score - moreAsked), threshold: full.threshold };
}

/** By all cells. The more was heard, what a loss has touched counting less, the less is asked. */
function inFull(compared: Compared): Score {
  const { presence } = compared;
  const heardFrames = presence.clearFrames + SHAKEN_WORTH * (presence.heardFrames - presence.clearFrames);
  const usual = thresholdOf(heardFrames * FRAME_MS, missingShare(compared));
  return {
    score: trusted(compared, false),
    threshold: isAllPresent(presence) ? usual - FOR_ALL_PRESENT : usual,
  };
}

/**
 * By the cells that no other sound covers. What is left decides, so only what no loss has touched counts, and however little
 * that is, the threshold has no cap.
 */
function beneathAnotherSound(compared: Compared): Score {
  const clearMs = compared.presence.clearFrames * FRAME_MS;
  return {
    score: trusted(compared, true),
    threshold: uncapped(clearMs, missingShare(compared)) + FOR_COVERED,
  };
}

/** Another sound adds to a prompt and takes nothing away, so all that is strong in it must be there. */
function mayBeCovered({ present, leastPresent }: Presence): boolean {
  return present >= ALL_PRESENT && leastPresent >= WHOLLY_THERE;
}

function isAllPresent({ present, leastPresent }: Presence): boolean {
  return Math.min(present, leastPresent) >= ALL_PRESENT;
}

function missingShare({ presence, reference }: Compared): number {
  return presence.missingStart / reference.frames;
}

/** Likeness of the whole, as far as its presence and its worst stretch let it be trusted. */
function trusted({ reference, frames, comparison, presence }: Compared, isBeneath: boolean): number {
  const likeness = likenessOf(reference, frames, comparison, presence, isBeneath);
  const least = leastLikeness(reference, frames, comparison, presence, isBeneath);
  return Math.max(0, likeness) * presence.present * trustIn(presence, least);
}

/**
 * A word in place of another leaves the rest as it should be, so that the likeness of the whole stays high: what tells it is
 * the stretch of which the least is there (noise and other voices add to it and take nothing away), and the one that is
 * least alike. Where audio was lost, less is asked of both.
 */
function trustIn({ leastPresent, lost }: Presence, least: number): number {
  const allowance = LOSS_ALLOWANCE * lost;
  const isThere = ramp(leastPresent + allowance, NOT_THERE, WHOLLY_THERE);
  const isSofter = ramp(least, NOT_SOFTER, SOFTER);
  return Math.max(isThere, isSofter) * ramp(least + allowance, UNLIKE, ALIKE);
}

/** From `LEAST_TRUST` at `none` to 1 at `whole`. */
function ramp(value: number, none: number, whole: number): number {
  return Math.max(LEAST_TRUST, Math.min(1, (value - none) / (whole - none)));
}
