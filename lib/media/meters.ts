/** Upper limits of the classes in which a worker counts how late its deadlines were kept, milliseconds. */
export const LAG_BOUNDS_MS: readonly number[] = [1, 2, 5, 10, 20, 50, 100];

const BOUNDS_US = LAG_BOUNDS_MS.map((bound) => bound * 1000);

/** Places in a worker's memory: skipped deadlines, all lateness in µs, unsent packets, then the counts, the last for all above. */
const SKIPPED = 0;
const LAG_SUM = 1;
const UNSENT = 2;
const FIRST_COUNT = 3;
const CELLS = FIRST_COUNT + LAG_BOUNDS_MS.length + 1;

/** Figures of all media workers since the beginning. */
export interface MediaLoad {
  /** Media workers that run now. */
  workers: number;
  /** Deadlines of senders that were missed by a packet time or more, and skipped (pitfall 5). */
  skippedDeadlines: number;
  /** Packets that the system did not take; over `node:dgram`, which does not tell, 0. */
  unsentPackets: number;
  /** How late the deadlines of the sessions were kept. */
  lag: {
    /** Upper limits of the classes, milliseconds. */
    boundsMs: readonly number[];
    /** Deadlines of each class, one more than there are limits. */
    counts: number[];
    sumMs: number;
  };
}

/** A worker's figures, in memory that it shares with the main thread: counting costs no message. */
export class WorkerMeter {
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Float64Array(memory);
  }

  /**
   * A deadline was kept so late.
   *
   * @param lateUs whole microseconds: a fraction would be put on the heap for each packet
   */
  kept(lateUs: number): void {
    let at = 0;
    while (at < BOUNDS_US.length && lateUs > BOUNDS_US[at]) at++;
    this.#cells[FIRST_COUNT + at] += 1;
    if (lateUs > 0) this.#cells[LAG_SUM] += lateUs;
  }

  skipped(deadlines: number): void {
    this.#cells[SKIPPED] += deadlines;
  }

  /** A packet was given up that the system had no room or no way for. */
  unsent(): void {
    this.#cells[UNSENT] += 1;
  }
}

/** Figures of the media workers of one world: those that run, and what the former ones have left. */
export class MediaMeters {
  readonly #running = new Set<SharedArrayBuffer>();
  readonly #former = new Float64Array(CELLS);

  /** Memory for a worker that starts. */
  hire(): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(CELLS * Float64Array.BYTES_PER_ELEMENT);
    this.#running.add(memory);
    return memory;
  }

  /** The worker is gone; its figures stay counted. */
  retire(memory: SharedArrayBuffer): void {
    if (this.#running.delete(memory)) add(this.#former, memory);
  }

  get load(): MediaLoad {
    const sum = this.#former.slice();
    for (const memory of this.#running) add(sum, memory);
    return {
      workers: this.#running.size,
      skippedDeadlines: sum[SKIPPED],
      unsentPackets: sum[UNSENT],
      lag: { boundsMs: LAG_BOUNDS_MS, counts: [...sum.subarray(FIRST_COUNT)], sumMs: sum[LAG_SUM] / 1000 },
    };
  }
}

function add(sum: Float64Array, memory: SharedArrayBuffer): void {
  new Float64Array(memory).forEach((value, index) => (sum[index] += value));
}
