import {
  anObject,
  assertOptions,
  callback,
  flag,
  listOf,
  number,
  SipflowError,
  text,
  whole,
} from '../common';
import type { WorldLoad } from '../calls';
import type { Rules } from '../common';
import { TEST_LIMITS } from './limits';
import type { TestPhone } from './phone-holds';
import type { RunOptions } from './test-run';
import type { NodeName, TestRef, Verdict } from './types';

/** How those who know only the id of a case can have it run. */
export type TriggerOptions = Pick<RunOptions, 'only' | 'failFast' | 'signal'>;

/** A test case that attempts can be started of, from outside of its own runs. */
export interface PreparedCase {
  /** Its table; absent when it has none. */
  rows?: readonly object[];
  /** What the media of its phones count, since their beginning. */
  media?(): Pick<WorldLoad, 'skippedDeadlines' | 'lag'>;
  /** No further attempt starts. */
  end(): void;
}

/** A test case: what is to be done, how long it may take, and with which phones. */
export interface TestCase {
  /** Unique in the process, and the same each time that the case is loaded. */
  id: string;
  title: string;
  tags: readonly string[];
  /** For people, to find it. */
  node: NodeName;
  /** Seconds that an attempt may take, from when it holds its phones; up to a day. */
  timeout: number;
  /** How often a failed row is tried again, 0 to 100. */
  retries: number;
  /** Rows that run at the same time, 1 to 1,000; above 1 only with `sharedPhones`. */
  rowsAtOnce: number;
  /** Whether attempts of this and of other cases may use the phones at the same time; otherwise they wait. */
  sharedPhones: boolean;
  /** Whether INVITEs carry the mark of their attempt, the header `X-Sipflow-Test`. */
  marks: boolean;
  /** The phones of the case, asked for by each attempt. */
  phones(): readonly TestPhone[];
  /**
   * Does the first thing of an attempt. What it throws fails the attempt.
   *
   * @param row values of the row, when there is a table
   */
  start(test: TestRef, row: object | undefined): void;
  /** Runs the case as its own button would; for those who know only its id. */
  trigger?(options?: TriggerOptions): Promise<Verdict[]>;
  /**
   * Readies the case for attempts that somebody else starts, such as a load. Rejects when it runs already, or when its
   * fields or its table cannot be used.
   *
   * @param table path of a CSV file in place of its own table
   */
  prepare?(table?: string): Promise<PreparedCase>;
}

const TEST_CASE: Rules<Omit<TestCase, 'trigger' | 'prepare'>> = {
  id: text,
  title: text,
  tags: listOf(text),
  node: anObject,
  timeout: number(0.001, TEST_LIMITS.timeout),
  retries: whole(0, TEST_LIMITS.retries),
  rowsAtOnce: whole(1, TEST_LIMITS.rowsAtOnce),
  sharedPhones: flag,
  marks: flag,
  phones: callback,
  start: callback,
};

/**
 * Checks the values of a test case.
 *
 * @throws SipflowError BAD_CONFIG whose `field` is the value
 */
export function assertTestCase(testCase: TestCase): void {
  assertOptions(testCase, TEST_CASE, { name: 'a test case', required: Object.keys(TEST_CASE) });
  if (testCase.rowsAtOnce === 1 || testCase.sharedPhones) return;
  throw new SipflowError(
    'BAD_CONFIG',
    'Rows can run at the same time only when they share their phones: allow shared phones, or run one row at once.',
    { field: 'rowsAtOnce' },
  );
}

/**
 * Checks the rows of a table.
 *
 * @returns the rows; undefined when there is no table
 * @throws SipflowError BAD_CONFIG whose `field` is `rows`
 */
export function assertRows(rows: unknown): readonly object[] | undefined {
  if (rows === undefined) return undefined;
  const fault = rowsFault(rows);
  if (fault === undefined) return rows as object[];
  throw new SipflowError('BAD_CONFIG', `The rows of the test are no table: ${fault}.`, { field: 'rows' });
}

function rowsFault(rows: unknown): string | undefined {
  if (!Array.isArray(rows)) return 'a list of objects is needed, one for each row';
  if (rows.length === 0) return 'there is no row in it';
  if (rows.length > TEST_LIMITS.rows)
    return `there are ${rows.length} of them, at most ${TEST_LIMITS.rows} can run`;
  const wrong = rows.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row));
  return wrong < 0 ? undefined : `row ${wrong + 1} is not an object of names and values`;
}
