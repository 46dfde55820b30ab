import { type Clock, DEFAULTS, settledWithin } from '../common';
import type { MediaStatistics } from '../media';

/** How long finishing recordings may hold back our own BYE. */
const RECORDING_HEADSTART_MS = 500;

/** The resources of one call, in the order in which they are given back. */
export interface FinaliserSteps {
  stopSending(): void;
  /** Undefined when nothing was recorded. */
  finishRecordings(): Promise<void> | undefined;
  /** BYE, CANCEL or a final response; undefined when the other side ended the call. */
  endSignalling?(): Promise<void>;
  /** Closes RTP and RTCP and frees the ports. */
  closeMedia(): Promise<MediaStatistics | undefined>;
}

/**
 * Gives back everything a call holds, once and in order: stop playback → finish recordings →
 * BYE/CANCEL → close RTP/RTCP and free the ports (pitfall 8). Leaving the registry is the caller's
 * last step. It never rejects and takes at most three seconds, however the peer or the disk behaves;
 * steps that are unfinished then go on by themselves, within their own limits.
 *
 * @returns the media's final figures, when there was media and it closed in time
 */
export function finalise(
  clock: Clock,
  steps: FinaliserSteps,
  limitMs = DEFAULTS.finaliserSeconds * 1000,
): Promise<MediaStatistics | undefined> {
  return new Promise((resolve) => {
    let statistics: MediaStatistics | undefined;
    const over = (): void => {
      clock.clearTimeout(timer);
      resolve(statistics);
    };
    const timer = clock.setTimeout(over, limitMs);
    void giveBack(clock, steps, (figures) => (statistics = figures)).then(over);
  });
}

/**
 * Never rejects.
 *
 * @param closed told the statistics of the media, once it is closed
 */
async function giveBack(
  clock: Clock,
  steps: FinaliserSteps,
  closed: (figures: MediaStatistics | undefined) => void,
): Promise<void> {
  guarded(() => steps.stopSending());
  const recordings = steps.finishRecordings();
  let signalling: Promise<void> | undefined;
  if (steps.endSignalling) {
    if (recordings) await settledWithin(clock, recordings, RECORDING_HEADSTART_MS);
    signalling = steps.endSignalling().catch(ignore);
  }
  if (recordings) await recordings.catch(ignore);
  try {
    closed(await steps.closeMedia());
  } catch {
    // A resource that could not be given back must not keep the next one.
  }
  if (signalling) await signalling;
}

/** A resource that could not be given back must not keep the next one. */
function ignore(): void {}

function guarded(step: () => void): void {
  try {
    step();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), { type: 'SipflowFinaliserFault' });
  }
}
