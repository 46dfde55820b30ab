import type { Clock, TimerHandle } from '../common';

/** The clock of a run: milliseconds since it began, and what is to happen at which of them. */
export class RunClock {
  readonly #pending = new Set<TimerHandle>();
  /** Not one of the set: entries of a table that come and go by the hundred cost collections of garbage. */
  #wake: TimerHandle | undefined;
  #beganAt = 0;
  #beganMs = 0;

  constructor(private readonly clock: Clock) {}

  /** When the run began, milliseconds since the Unix epoch. */
  get beganAt(): number {
    return this.#beganAt;
  }

  /** Milliseconds since the run began; negative when that is still to come. */
  get nowMs(): number {
    return this.clock.now() - this.#beganMs;
  }

  /** @param at milliseconds since the Unix epoch, now or near it */
  begin(at = this.clock.wallNow()): void {
    this.#beganAt = at;
    this.#beganMs = this.clock.now() - (this.clock.wallNow() - at);
  }

  /** Sets what happens next, in place of what was set before. @param ms of the run */
  wakeAt(ms: number, act: () => void): void {
    this.sleep();
    this.#wake = this.clock.setTimeout(act, Math.max(0, ms - this.nowMs));
  }

  /** What `wakeAt` has set does not happen. */
  sleep(): void {
    this.clock.clearTimeout(this.#wake);
    this.#wake = undefined;
  }

  /** @param ms of the run; what lies behind happens as soon as possible */
  at(ms: number, act: () => void): void {
    this.later(act, Math.max(0, ms - this.nowMs));
  }

  later(act: () => void, ms: number): void {
    const timer = this.clock.setTimeout(() => {
      this.#pending.delete(timer);
      act();
    }, ms);
    this.#pending.add(timer);
  }

  /** Nothing of what was to come happens any more. */
  cancelAll(): void {
    this.sleep();
    for (const timer of this.#pending) this.clock.clearTimeout(timer);
    this.#pending.clear();
  }
}
