import type { Clock } from '../../common';

/** Rate limit of what a peer may send (token bucket): so many a second, and as many at once. */
export class Allowance {
  #left: number;
  #since: number;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {
    this.#left = perSecond;
    this.#since = clock.now();
  }

  /** Takes one; false when they are used up for the moment. */
  take(): boolean {
    const now = this.clock.now();
    this.#left = Math.min(this.perSecond, this.#left + ((now - this.#since) / 1000) * this.perSecond);
    this.#since = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
