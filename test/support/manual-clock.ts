import type { TimerHandle } from '../../lib/common/clock';
import type { SipClock, TimerSettings } from '../../lib/sip';

interface Pending {
  at: number;
  order: number;
  callback: () => void;
}

/**
 * A clock that stands still until a test advances it; timers fire in order of time, then of creation. Its SIP timers are
 * those of RFC 3261.
 */
export class ManualClock implements SipClock {
  readonly timers: TimerSettings = { t1: 500, t2: 4000, t4: 5000 };
  readonly transactionTimeout = 32_000;
  readonly #pending = new Map<TimerHandle, Pending>();
  #now: number;
  #order = 0;

  /** @param start milliseconds that `now` begins with */
  constructor(start = 1_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return 1_700_000_000_000 + this.#now;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Milliseconds until the next timer; undefined when none waits. */
  get untilNext(): number | undefined {
    const next = this.#next();
    return next && next[1].at - this.#now;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const handle = Object.freeze({}) as unknown as TimerHandle;
    this.#pending.set(handle, { at: this.#now + Math.max(0, ms), order: this.#order++, callback });
    return handle;
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    if (handle) this.#pending.delete(handle);
  }

  /** Moves time on and fires what falls due on the way, also timers that are set meanwhile. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(); next && next[1].at <= until; next = this.#next()) {
      this.#pending.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
    }
    this.#now = until;
  }

  #next(): [TimerHandle, Pending] | undefined {
    let best: [TimerHandle, Pending] | undefined;
    for (const entry of this.#pending) {
      if (
        !best ||
        entry[1].at < best[1].at ||
        (entry[1].at === best[1].at && entry[1].order < best[1].order)
      ) {
        best = entry;
      }
    }
    return best;
  }
}
