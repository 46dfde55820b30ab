import { CODECS } from '../audio';
import type { MediaDigitMethod, MediaParameters, MediaSession, ReceivedDigit } from './types';

/** A digit that is passed on lasts at least so long, so that any receiver takes it, and at most so long. */
const SHORTEST_MS = 50;
const LONGEST_MS = 5000;
const GAP_MS = 50;

/**
 * Passes on the digits that two bridged sessions receive, each by what the other side has agreed to. Tones are
 * part of the bridged audio and arrive by themselves, unless the codec of the other side cannot carry them.
 *
 * @returns ends it.
 */
export function relayDigits(a: MediaSession, b: MediaSession): () => void {
  const ends = [passOn(a, b), passOn(b, a)];
  return () => ends.forEach((end) => end());
}

function passOn(from: MediaSession, to: MediaSession): () => void {
  return from.on('digit', (digit) => {
    const method = methodTowards(to.parameters, digit);
    if (!method) return;
    const toneMs = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, digit.durationMs));
    // The other side may hang up meanwhile.
    void to.sendDigits({ digits: digit.digit, method, toneMs, gapMs: GAP_MS }).catch(() => undefined);
  });
}

/** How a digit gets to the other side; undefined when it is there already, or cannot get there. */
function methodTowards(to: MediaParameters, digit: ReceivedDigit): MediaDigitMethod | undefined {
  const { carriesTones } = CODECS[to.codec.name];
  if (digit.method === 'inband' && carriesTones) return undefined;
  if (to.telephoneEvent) return 'rfc4733';
  return carriesTones && digit.digit !== '!' ? 'inband' : undefined;
}
