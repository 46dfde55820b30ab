import { type Clock, SafeEmitter, SipflowError } from '../common';
import { rounded } from './attempt/attempt-log';
import { TEST_LIMITS } from './limits';
import type { TestCase } from './test-case';
import type { Attempt, Verdict } from './types';

export interface RunOptions {
  /** A table: one object for each row; the case runs once when absent. */
  rows?: unknown;
  /** Written into every verdict, for those who made the rows from it. */
  seed?: number;
  /** Stops the run when it aborts. */
  signal?: AbortSignal;
  /** Rows that are run, by their number; the others get no verdict. Without a table it is asked once, for undefined. */
  only?: (row: number | undefined) => boolean;
  /** Begins no other row once one has failed. */
  failFast?: boolean;
}

/** One row that is to be tried. */
export interface RowTry {
  /** Counted from 1; undefined without a table. */
  row: number | undefined;
  values: object | undefined;
  /** Counted from 1. */
  attempt: number;
}

/** What a run needs from those who know all attempts. */
export interface RunHost {
  readonly clock: Clock;
  /** Retries of each row. */
  readonly retries: number;
  newId(): string;
  /** Runs an attempt to its end. Resolves with nothing when it was stopped before it began. */
  attempt(what: RowTry): Promise<Attempt | undefined>;
  verdict(verdict: Verdict): void;
  /** Ends the attempts that run or wait. */
  stopAttempts(message: string): void;
}

/** A test case on its way through its rows; each `verdict` is told as it comes. */
export class TestRun extends SafeEmitter<{ verdict: [verdict: Verdict] }> {
  /** The verdicts in the order of their rows; rows that a stopped run did not reach have none. Never rejects. */
  readonly finished: Promise<Verdict[]>;
  readonly #verdicts: (Verdict | undefined)[];
  /** Rows that are to be run, counted from 0. */
  readonly #places: readonly number[];
  #next = 0;
  #stopped = false;

  /** @param rows checked by `assertRows` */
  constructor(
    private readonly testCase: TestCase,
    private readonly rows: readonly object[] | undefined,
    private readonly options: RunOptions,
    private readonly host: RunHost,
  ) {
    super();
    const { signal, only = () => true } = options;
    this.#verdicts = Array.from({ length: rows?.length ?? 1 });
    this.#places = [...this.#verdicts.keys()].filter((place) => only(this.#rowAt(place)));
    const abort = (): void => this.stop();
    if (signal?.aborted) this.#stopped = true;
    else signal?.addEventListener('abort', abort, { once: true });
    this.finished = this.#run().finally(() => signal?.removeEventListener('abort', abort));
  }

  /** Rows, and how many of them have their verdict. */
  get progress(): { rows: number; done: number } {
    return { rows: this.#places.length, done: this.#verdicts.filter((verdict) => verdict).length };
  }

  /** Ends the attempts that run, which fail then, and begins no other one. */
  stop(message = 'The run was stopped.'): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.host.stopAttempts(message);
  }

  async #run(): Promise<Verdict[]> {
    const lanes = Math.min(this.testCase.rowsAtOnce, this.#places.length);
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
    return this.#verdicts.filter((verdict) => verdict !== undefined);
  }

  /** Takes one row after the other. */
  async #lane(): Promise<void> {
    while (!this.#stopped && this.#next < this.#places.length) {
      const place = this.#places[this.#next++];
      const verdict = await this.#row(place);
      if (!verdict) continue;
      this.#verdicts[place] = verdict;
      if (this.options.failFast && verdict.status === 'failed') this.#next = this.#places.length;
      this.host.verdict(verdict);
      this.emit('verdict', verdict);
    }
  }

  /** Number of a row; undefined without a table. */
  #rowAt(place: number): number | undefined {
    return this.rows && place + 1;
  }

  async #row(place: number): Promise<Verdict | undefined> {
    const { clock } = this.host;
    const values = this.rows?.[place];
    const row = this.#rowAt(place);
    const began = clock.now();
    const startedAt = new Date(clock.wallNow()).toISOString();
    const attempts: Attempt[] = [];
    while (!this.#stopped && attempts.length <= this.host.retries) {
      const attempt = await this.host.attempt({ row, values, attempt: attempts.length + 1 });
      if (!attempt) break;
      attempts.push(attempt);
      if (attempt.status !== 'failed') break;
    }
    if (attempts.length === 0) return undefined;
    const { id, title, tags } = this.testCase;
    return {
      format: 'sipflow-verdict/1',
      id: this.host.newId(),
      case: id,
      title,
      tags: [...tags],
      ...(row === undefined ? {} : { row }),
      ...(values === undefined ? {} : { rowValues: values }),
      ...(this.options.seed === undefined ? {} : { seed: this.options.seed }),
      ...verdictOf(attempts),
      startedAt,
      durationMs: rounded(clock.now() - began),
      attempts,
    };
  }
}

/** Status and reason of all attempts together; that of a flaky test is why it failed at first. */
export function verdictOf(attempts: readonly Attempt[]): Pick<Verdict, 'status' | 'reason'> {
  const last = attempts[attempts.length - 1];
  const failed = attempts.find(({ status }) => status === 'failed');
  const status = failed && last.status === 'passed' ? 'flaky' : last.status;
  const { reason } = status === 'flaky' && failed ? failed : last;
  return { status, ...(reason ? { reason } : {}) };
}

/** @throws SipflowError BAD_CONFIG for retries out of range */
export function assertRetries(retries: number): number {
  if (Number.isInteger(retries) && retries >= 0 && retries <= TEST_LIMITS.retries) return retries;
  throw new SipflowError('BAD_CONFIG', `A test can be tried again 0 to ${TEST_LIMITS.retries} times.`, {
    field: 'retries',
  });
}
