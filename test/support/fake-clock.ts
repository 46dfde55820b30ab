import type { Clock, TimerHandle } from '../../lib/common/clock';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

/** A clock that stands still until a test advances it; timers fire in order of their deadlines. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(private readonly epoch = Date.UTC(2026, 10, 22, 22, 15, 30, 123)) {}

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.epoch + this.#now;
  }

  /** Timers that wait to fire; 0 at the end of a test that cleaned up. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const timer: Timer = { at: this.#now + ms, order: this.#order++, callback };
    this.#timers.add(timer);
    return timer as unknown as TimerHandle;
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    this.#timers.delete(handle as unknown as Timer);
  }

  /** Moves time forward; timers that are set on the way and fall due fire as well. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let timer = this.#next(until); timer; timer = this.#next(until)) {
      this.#timers.delete(timer);
      this.#now = timer.at;
      timer.callback();
    }
    this.#now = until;
  }

  #next(until: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > until) continue;
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
