import { AssertionError } from 'node:assert';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Pause of a process from which audio has gaps: one packet of 20 ms and the store of a jitter buffer. */
export const TEARING_MS = 15;

/** Shared words of the sleeper: the longest time that it overslept, in microseconds, and its order to end. */
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

/** Time without a stall before a measurement is repeated, and the longest wait for it. */
const CALM_MS = 1000;
const PATIENCE_MS = 8000;

/**
 * Measures, and again when an assertion failed while the machine stalled: a thread that only wakes up shows how late
 * all others were. Waits for a calm second before that, because stalls come in groups. A failure without a stall is
 * final, and so is the last attempt.
 *
 * @throws what the last attempt threw
 */
export async function undisturbed<T>(attempt: () => Promise<T>, attempts = 5): Promise<T> {
  const watch = new StallWatch();
  await watch.started;
  try {
    for (let n = 1; ; n++) {
      watch.reset();
      try {
        return await attempt();
      } catch (error) {
        const { stalledMs } = watch;
        if (n === attempts || !(error instanceof AssertionError) || stalledMs < TEARING_MS) throw error;
        console.log(
          `      (again, because the machine stalled for ${Math.round(stalledMs)} ms: ${error.message})`,
        );
        await watch.calm();
      }
    }
  } finally {
    await watch.stop();
  }
}

/** Watches for stalls by a thread that measures how late it is woken. */
export class StallWatch {
  readonly #shared = new Int32Array(new SharedArrayBuffer(8));
  readonly #sleeper = new Worker(SLEEPER, { eval: true, workerData: this.#shared });
  /** Resolves when the thread watches. */
  readonly started = once(this.#sleeper, 'online');

  /** The longest stall since the last `reset`, milliseconds. */
  get stalledMs(): number {
    return Atomics.load(this.#shared, LONGEST_US) / 1000;
  }

  reset(): void {
    Atomics.store(this.#shared, LONGEST_US, 0);
  }

  /** Resolves after a second without a stall, or when there was none for too long. */
  async calm(): Promise<void> {
    for (let waited = 0; waited < PATIENCE_MS; waited += CALM_MS) {
      this.reset();
      await delay(CALM_MS);
      if (this.stalledMs < TEARING_MS) return;
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#sleeper, 'exit');
    Atomics.store(this.#shared, OVER, 1);
    await ended;
  }
}
