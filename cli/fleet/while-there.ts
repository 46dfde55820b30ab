import { setTimeout } from 'node:timers/promises';
import type { FleetTerminal } from './fleet-run';
import type { FleetRedis } from './redis';

/** From Ctrl-C until nobody waits any longer for Redis and the workers. */
const INTERRUPT_MS = 30_000;

/**
 * Waits for what a command does on a fleet, but not for ever: undefined when that could not be ended in time after Ctrl-C.
 *
 * @throws UsageError when Redis has not answered for two minutes
 */
export async function whileThere<Result>(
  work: Promise<Result>,
  redis: FleetRedis,
  terminal: FleetTerminal,
): Promise<Result | undefined> {
  // Whoever is not waited for any more may still fail.
  work.catch(() => undefined);
  const { interrupted } = terminal;
  const done = new AbortController();
  const wait = { signal: done.signal };
  const givenUp = new Promise<void>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(), { once: true, ...wait });
    if (interrupted.aborted) resolve();
  })
    .then(() => setTimeout(INTERRUPT_MS, undefined, wait))
    .then(() => {
      const seconds = INTERRUPT_MS / 1000;
      terminal.note(
        `Redis at ${redis.place} did not bring the end of the run within ${seconds} s: workers that were not told end their calls by themselves within two minutes.`,
      );
      return undefined;
    });
  givenUp.catch(() => undefined);
  try {
    return await Promise.race([work, redis.gone, givenUp]);
  } finally {
    done.abort();
  }
}
