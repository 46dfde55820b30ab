import { type Clock, DEFAULTS, SipflowError, type TimerHandle } from '../common';

/** The longest limit in seconds: a timer of Node.js counts 24.8 days. */
const MOST_SECONDS = 24 * 86_400;

/** Time limit of an answered call: ends it when it is over, so that a forgotten call does not stand for ever. */
export class DurationLimit {
  #timer: TimerHandle | undefined;

  /** @param seconds from the answer; 0 = no limit */
  constructor(
    private readonly clock: Clock,
    private readonly seconds: number = DEFAULTS.maxCallDuration,
  ) {}

  /** The call is answered. `reached` gets the sentence that says why the call ends. */
  start(reached: (reason: string) => void): void {
    this.stop();
    const { seconds } = this;
    if (seconds === 0) return;
    this.#timer = this.clock.setTimeout(
      () => reached(`maximum call duration of ${seconds} s reached`),
      seconds * 1000,
    );
  }

  /** The call ends. Idempotent. */
  stop(): void {
    this.clock.clearTimeout(this.#timer);
  }
}

/**
 * Checks a limit that a phone or one call asks for; absent means the default.
 * @throws SipflowError BAD_CONFIG
 */
export function assertMaxCallDuration(seconds: number | undefined): void {
  if (seconds === undefined || (seconds >= 0 && seconds <= MOST_SECONDS)) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `maxCallDuration must be from 0 (no limit) to ${MOST_SECONDS} seconds, not ${seconds}.`,
    { field: 'maxCallDuration' },
  );
}
