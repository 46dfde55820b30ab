import {
  DECISION_MS,
  LISTENING_RATE,
  type NamedReference,
  PromptDetector,
  type PromptDetection,
} from '../../lib/audio';
import type { Received } from './codecs';

const BLOCK = LISTENING_RATE / 100;
const BLOCKS_PER_DECISION = DECISION_MS / 10;

/** What a listener of a call hears in received audio: what it decides first, else the nearest. */
export function hear(
  references: readonly NamedReference[],
  { samples, lost }: Received,
): { heard: PromptDetection | undefined; nearest: PromptDetection | undefined } {
  const detector = new PromptDetector(references);
  for (let block = 0; (block + 1) * BLOCK <= samples.length; block++) {
    detector.push(samples, block * BLOCK, BLOCK, lost[block * BLOCK] === 1);
    if (block % BLOCKS_PER_DECISION !== BLOCKS_PER_DECISION - 1) continue;
    const heard = detector.poll();
    if (heard) return { heard, nearest: heard };
  }
  const heard = detector.end();
  return { heard, nearest: heard ?? detector.best() };
}
