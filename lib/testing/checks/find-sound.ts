import { setImmediate } from 'node:timers/promises';
import {
  DECISION_MS,
  LISTENING_RATE,
  type NamedReference,
  type PromptDetection,
  PromptDetector,
} from '../../audio';

/** Samples between two decisions. */
const BLOCK = (LISTENING_RATE * DECISION_MS) / 1000;
/** Decisions of a turn: calls go on in between. */
const TURN = 20;

/** What was found in a recording; `isHeard` tells whether it counts as heard. */
export type FoundSound = PromptDetection & { isHeard: boolean };

/**
 * The best place of sounds in a recording: the likeliest that counts as heard, else what comes nearest; undefined when
 * there is nothing like them.
 *
 * @param recording at `LISTENING_RATE`
 * @param threshold least score that counts, 0 to 1; by default it follows from the length of a sound
 */
export async function findSound(
  recording: Int16Array,
  sounds: readonly NamedReference[],
  threshold?: number,
): Promise<FoundSound | undefined> {
  const detector = new PromptDetector(sounds, threshold === undefined ? {} : { threshold });
  let best: FoundSound | undefined;
  const consider = (found: PromptDetection | undefined, isHeard: boolean): void => {
    if (!found || (best && best.isHeard && !isHeard)) return;
    if (!best || (isHeard && !best.isHeard) || found.score > best.score) best = { ...found, isHeard };
  };
  for (let from = 0, block = 1; from < recording.length; from += BLOCK, block++) {
    detector.push(recording, from, Math.min(BLOCK, recording.length - from), false);
    consider(detector.poll(), true);
    if (block % TURN === 0) await setImmediate();
  }
  consider(detector.end(), true);
  consider(detector.best(), false);
  return best;
}
