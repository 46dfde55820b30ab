import { SipflowError } from '../../common';
import type { AudioSource } from '../../media';
import type { PlaybackReport, PlayOptions, Running } from '../types';

/**
 * Plays one sound after the other until the signal aborts, which stops the one that plays.
 *
 * @returns false when the call is over
 * @throws SipflowError (as rejection) as `play`, but CALL_ENDED
 */
export async function playPrompts(
  play: (options: PlayOptions) => Promise<Running<PlaybackReport>>,
  sources: readonly AudioSource[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    for (const source of sources) {
      if (signal?.aborted) return true;
      const running = await play({ source });
      const stop = (): void => running.stop();
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) stop();
      const { reason } = await running.finished.finally(() => signal?.removeEventListener('abort', stop));
      if (reason === 'hangup') return false;
    }
    return true;
  } catch (error) {
    if (error instanceof SipflowError && error.code === 'CALL_ENDED') return false;
    throw error;
  }
}
