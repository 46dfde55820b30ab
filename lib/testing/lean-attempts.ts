import type { AttemptHost } from './attempt/attempt-host';
import type { TestAttempt } from './attempt/attempt';
import type { AnyCall } from './attempt/conclusion';
import type { RowTry } from './test-run';
import type { Attempt } from './types';

/** An attempt that is to be started. */
export interface LeanStart {
  /** Counted from 1; undefined without a table. */
  row?: number | undefined;
  /** Values of the row. */
  values?: object | undefined;
  /** Whether the outcome is to have the messages of its calls. Asked once. */
  keepsMessages: AttemptHost['keepsMessages'];
}

/** How fast an outgoing call came about, milliseconds since it was dialled. */
export interface CallTimes {
  /** Until the first 18x, or until the answer when none came before. */
  postDialDelayMs?: number;
  /** Until the answer. */
  setupMs?: number;
}

/** What came of an attempt. */
export interface LeanOutcome {
  attempt: Attempt;
  /** Of its outgoing calls, by `CallRef.id`. */
  times: ReadonlyMap<string, CallTimes>;
}

/** What those who start attempts look at meanwhile. */
export interface LeanWatch {
  readonly running: Set<TestAttempt>;
  readonly keepsMessages: AttemptHost['keepsMessages'];
  joined(call: AnyCall, beganMs: number): void;
}

/** Attempts of one test case that are started one by one, whatever becomes of those that run. */
export class LeanAttempts {
  readonly #running = new Set<TestAttempt>();

  /** Who waits until none is running. */
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly begin: (what: RowTry, watch: LeanWatch) => Promise<Attempt | undefined>,
    private readonly now: () => number,
  ) {}

  /** Attempts that are not over. */
  get running(): number {
    return this.#running.size;
  }

  /** Starts an attempt. Resolves with nothing when it was stopped before it began; never rejects. */
  async start({ row, values, keepsMessages }: LeanStart): Promise<LeanOutcome | undefined> {
    const times = new Map<string, CallTimes>();
    const joined = (call: AnyCall, beganMs: number): void => {
      if (call.direction === 'out') times.set(call.id, timesOf(call, beganMs, this.now));
    };
    const watch = { running: this.#running, keepsMessages, joined };
    const attempt = await this.begin({ row, values, attempt: 1 }, watch);
    if (this.#running.size === 0) for (const told of this.#waiting.splice(0)) told();
    return attempt && { attempt, times };
  }

  /**
   * Ends the attempts that run: each of them hangs up its calls and has failed with the reason STOPPED. Resolves when
   * they are over, some seconds later at most.
   */
  async stop(message: string): Promise<void> {
    for (const attempt of this.#running) attempt.stop(message);
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function timesOf(call: AnyCall, beganMs: number, now: () => number): CallTimes {
  const times: CallTimes = {};
  call.on('progress', () => {
    times.postDialDelayMs ??= now() - beganMs;
  });
  call.on('answered', () => {
    times.setupMs ??= now() - beganMs;
    times.postDialDelayMs ??= times.setupMs;
  });
  return times;
}
