/** Share of the thread's time that listening may take, and the longest burst of it in milliseconds. */
const SHARE = 0.3;
const MOST_MS = 4;

/**
 * Bounds the time that listening takes of a media thread, so that no audio goes out late because of it: what there is no
 * time for waits, and catches up.
 */
export class WorkBudget {
  #left = MOST_MS;
  #at = 0;

  /** Whether there is time left at `now`, milliseconds of the caller's clock. */
  allows(now: number): boolean {
    this.#left = Math.min(MOST_MS, this.#left + Math.max(0, now - this.#at) * SHARE);
    this.#at = now;
    return this.#left > 0;
  }

  /** Takes note of time that was spent; what is longer than a burst was no work, but a thread that had to wait. */
  spent(ms: number): void {
    this.#left -= Math.min(MOST_MS, ms);
  }
}
