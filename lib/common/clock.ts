import { SharedTimer, SharedTimers } from './shared-timers';

/** A pending timer of a Clock; opaque to its users. */
export type TimerHandle = { readonly brand: unique symbol } | NodeJS.Timeout | SharedTimer;

/**
 * Time as the state machines see it. Production uses `systemClock`;
 * tests inject a clock that they advance by hand.
 */
export interface Clock {
  /** Monotonic milliseconds; only differences mean something. */
  now(): number;
  /** Wall-clock milliseconds since the Unix epoch, for timestamps that people read. */
  wallNow(): number;
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle | undefined): void;
}

const shared = new SharedTimers();

export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (callback, ms) =>
    SharedTimers.suits(ms) ? shared.set(callback, ms) : setTimeout(callback, ms),
  clearTimeout: (handle) => {
    if (handle instanceof SharedTimer) handle.clear();
    else clearTimeout(handle as NodeJS.Timeout | undefined);
  },
};
