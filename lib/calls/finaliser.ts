import { type Clock, DEFAULTS, settledWithin, type TimerHandle } from '../common';
import type { MediaStatistics } from '../media';

/** How long finishing recordings may hold back our own BYE. */
const RECORDING_HEADSTART_MS = 500;

/** The resources of one call, in the order in which they are given back. */
export interface FinaliserSteps {
  stopSending(): void;
  /** Undefined when nothing was recorded. */
  finishRecordings(): Promise<void> | undefined;
  /** BYE, CANCEL or a final response; undefined when nothing is to be sent, because the other side ended the call. */
  endSignalling(): Promise<void> | undefined;
  /** Closes RTP and RTCP and frees the ports; undefined when there were none. */
  closeMedia(): Promise<MediaStatistics | undefined> | undefined;
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
  return new Promise((resolve) => new GivingBack(clock, steps, limitMs, resolve).begin());
}

/**
 * The steps of one call on their way. Without async functions where nothing was recorded: every call ends here, and
 * their promises would be a twentieth of what a call allocates.
 */
class GivingBack {
  #statistics: MediaStatistics | undefined;
  readonly #timer: TimerHandle;
  /** What is not through yet, beginning with the beginning. */
  #open = 1;

  /** @param resolve called once the steps are through, or the time is over */
  constructor(
    private readonly clock: Clock,
    private readonly steps: FinaliserSteps,
    limitMs: number,
    private readonly resolve: (statistics: MediaStatistics | undefined) => void,
  ) {
    this.#timer = clock.setTimeout(() => this.resolve(this.#statistics), limitMs);
  }

  begin(): void {
    guarded(() => this.steps.stopSending());
    const recordings = this.steps.finishRecordings();
    if (recordings) {
      void this.#finish(recordings);
    } else {
      this.#endSignalling();
      this.#closeMedia();
      this.#over();
    }
  }

  async #finish(recordings: Promise<void>): Promise<void> {
    await settledWithin(this.clock, recordings, RECORDING_HEADSTART_MS);
    this.#endSignalling();
    await recordings.catch(ignore);
    this.#closeMedia();
    this.#over();
  }

  #endSignalling(): void {
    guarded(() => this.#await(this.steps.endSignalling()));
  }

  #closeMedia(): void {
    guarded(() => this.#await(this.steps.closeMedia(), (figures) => (this.#statistics = figures)));
  }

  /** Waits for a step. One that fails must not keep the next one. */
  #await<T>(step: Promise<T> | undefined, done: (result: T) => void = ignore): void {
    if (!step) return;
    this.#open += 1;
    step.then(
      (result) => {
        done(result);
        this.#over();
      },
      () => this.#over(),
    );
  }

  #over(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.clock.clearTimeout(this.#timer);
    this.resolve(this.#statistics);
  }
}

function ignore(): void {}

function guarded(step: () => void): void {
  try {
    step();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), { type: 'SipflowFinaliserFault' });
  }
}
