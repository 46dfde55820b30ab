/** Score that half a minute of the same voice with other words never reached. */
const BASE = 0.6;
/** What is added for short sounds, and the length over which it fades, milliseconds. */
const FOR_SHORTNESS = 0.45;
const FADES_OVER_MS = 900;
/** What is added for a beginning that is missing, as a whole. */
const FOR_MISSING_START = 0.25;
const HIGHEST = 0.9;

/**
 * Least score that counts as heard. The less there was to compare, the more alike other speech is by chance: a prompt of
 * three seconds needs about 0.69, half a second 0.9 (`npm run bench:listening`).
 *
 * @param heardMs strong parts of the reference that were heard: about half of its length.
 * @param missingStart share of the reference that is missing at its beginning, 0 to 1.
 */
export function thresholdOf(heardMs: number, missingStart: number): number {
  return Math.min(HIGHEST, uncapped(heardMs, missingStart));
}

/** The same without the cap: what little there is to compare may ask for more than any sound reaches. */
export function uncapped(heardMs: number, missingStart: number): number {
  return BASE + FOR_SHORTNESS * Math.exp(-heardMs / FADES_OVER_MS) + FOR_MISSING_START * missingStart;
}
