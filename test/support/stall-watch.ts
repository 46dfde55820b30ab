import { AssertionError } from 'node:assert';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** From here on a pause of a process tears audio: one packet of 20 ms and what a jitter buffer has in store. */
const TEARING_MS = 15;

/** What the sleeper shares: the longest time that it overslept in microseconds, and whether it may go. */
const LONGEST_US = 0;
const OVER = 1;

/** Wakes every 5 ms. */
const SLEEPER = `
  const shared = require('node:worker_threads').workerData;
  const never = new Int32Array(new SharedArrayBuffer(4));
  let due = performance.now() + 5;
  while (Atomics.load(shared, ${OVER}) === 0) {
    Atomics.wait(never, 0, 0, Math.max(0, due - performance.now()));
    const late = performance.now() - due;
    if (late * 1000 > Atomics.load(shared, ${LONGEST_US})) Atomics.store(shared, ${LONGEST_US}, late * 1000);
    due = performance.now() + 5;
  }
`;

/**
 * Measures, and once more when the machine stalled meanwhile: what a thread that does nothing but wake up has seen late,
 * others did late too. What fails while nothing stalled fails at once, and the last attempt stands whatever it was.
 *
 * @throws what the last attempt threw
 */
export async function undisturbed<T>(attempt: () => Promise<T>, attempts = 3): Promise<T> {
  for (let n = 1; ; n++) {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const sleeper = new Worker(SLEEPER, { eval: true, workerData: shared });
    await once(sleeper, 'online');
    try {
      return await attempt();
    } catch (error) {
      const stalledMs = Atomics.load(shared, LONGEST_US) / 1000;
      if (n === attempts || !(error instanceof AssertionError) || stalledMs < TEARING_MS) throw error;
      console.log(
        `      (again, because the machine stalled for ${Math.round(stalledMs)} ms: ${error.message})`,
      );
    } finally {
      const ended = once(sleeper, 'exit');
      Atomics.store(shared, OVER, 1);
      await ended;
    }
  }
}
