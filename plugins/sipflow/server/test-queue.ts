import { toSipflowError } from '../../../lib/common';
import { processTests } from '../../../lib/testing';

/** Test cases in a queue; more are refused. */
const MOST_WAITING = 1_000;

/** Runs test cases one after the other, each as its own button would. */
export class TestQueue {
  readonly #waiting: string[] = [];
  /** Why cases could not run, until they do. */
  readonly faults = new Map<string, string>();
  #current: { id: string; stop: AbortController } | undefined;
  /** Cases of the queue that are through since it was empty last. */
  #done = 0;

  /** @param changed something of the queue is not as it was */
  constructor(private readonly changed: () => void) {}

  /** Cases that wait or run, and those that are through. */
  get progress(): { done: number; all: number } {
    const left = this.#waiting.length + (this.#current ? 1 : 0);
    return left === 0 ? { done: 0, all: 0 } : { done: this.#done, all: this.#done + left };
  }

  isWaiting(id: string): boolean {
    return this.#waiting.includes(id);
  }

  /** Adds cases by their ids; those that wait or run already, and unknown ones, are left out. Returns how many it added. */
  add(ids: readonly string[]): number {
    const known = new Set(processTests.cases.map(({ id }) => id));
    const wanted = [...new Set(ids)].filter(
      (id) => known.has(id) && id !== this.#current?.id && !this.#waiting.includes(id),
    );
    const added = wanted.slice(0, MOST_WAITING - this.#waiting.length);
    this.#waiting.push(...added);
    if (!this.#current) void this.#work();
    this.changed();
    return added.length;
  }

  /** Ends the case that runs, and forgets those that wait. */
  stop(): void {
    this.#waiting.length = 0;
    this.#current?.stop.abort();
    this.changed();
  }

  async #work(): Promise<void> {
    this.#done = 0;
    for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) {
      const stop = new AbortController();
      this.#current = { id, stop };
      this.faults.delete(id);
      this.changed();
      try {
        await processTests.cases.find((each) => each.id === id)?.trigger?.({ signal: stop.signal });
      } catch (error) {
        this.faults.set(id, toSipflowError(error).message);
      }
      this.#done += 1;
    }
    this.#current = undefined;
    this.changed();
  }
}
