import type { Clock } from './clock';

/** Resolves when `promise` settles in either way, or after `ms`; never rejects. */
export function settledWithin(clock: Clock, promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, ms);
    const settle = (): void => {
      clock.clearTimeout(timer);
      resolve();
    };
    promise.then(settle, settle);
  });
}
