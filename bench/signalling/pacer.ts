import { setTimeout as delay } from 'node:timers/promises';

const TICK_MS = 2;

/**
 * Calls `act` `count` times, evenly by an absolute schedule, so that a late tick is made up for.
 *
 * @param rate per second
 */
export async function pace(count: number, rate: number, act: (index: number) => void): Promise<void> {
  const start = performance.now();
  for (let done = 0; done < count; await delay(TICK_MS)) {
    const due = Math.min(count, Math.floor(((performance.now() - start) / 1000) * rate) + 1);
    for (; done < due; done++) act(done);
  }
}
