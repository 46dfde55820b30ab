import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../../lib/common';
import { processTests, type Verdict } from '../../../lib/testing';
import { localised, tabOf, type TestCaseNode } from '../../../nodes';
import type { Routes } from './routes';
import { TestQueue } from './test-queue';

/** A test case as the sidebar shows it. */
export interface TestRow {
  id: string;
  title: string;
  tags: readonly string[];
  /** Id of the tab that it stands on. */
  tab: string;
  running: boolean;
  /** It waits for others to end. */
  waiting: boolean;
  /** Row that is run, and the name of the node that it has come to. */
  row?: number;
  step?: string;
  /** Why it could not run. */
  fault?: string;
  /** The verdicts of its latest run, or of the latest of each row. */
  last?: LastVerdicts;
}

export interface LastVerdicts {
  status: Verdict['status'];
  /** Id of the verdict that is shown first: the first that failed, else the last one. */
  verdict: string;
  reason: string;
  startedAt: string;
  durationMs: number;
  rows: number;
  failed: number;
  /** Each row with its verdict, when there is more than one. */
  verdicts: { id: string; row: number; status: Verdict['status'] }[];
}

/** Where an attempt is. */
interface Place {
  testCase: string;
  row?: number;
  step?: string;
}

/** Verdicts of rows in a list. */
const MOST_ROWS = 200;

/** The test cases of the workspace with their last verdicts, and running them. */
export function serveTests(RED: NodeAPI, routes: Routes, changed: () => void): void {
  const queue = new TestQueue(changed);
  /** Where the running attempts are, by their ids: several rows of a case may run at once. */
  const places = new Map<string, Place>();
  processTests.on('begun', ({ id, row }, testCase) =>
    places.set(id, { testCase: testCase.id, ...(row === undefined ? {} : { row }) }),
  );
  processTests.on('step', ({ id }, { node }) => {
    const place = places.get(id);
    if (place) place.step = node.name || node.type;
  });
  processTests.on('attempt', ({ test }) => places.delete(test.id));
  /** The attempt of a case that began last. */
  const placeOf = (id: string): Pick<Place, 'row' | 'step'> => {
    const { row, step } = [...places.values()].findLast(({ testCase }) => testCase === id) ?? {};
    return { ...(row === undefined ? {} : { row }), ...(step === undefined ? {} : { step }) };
  };

  routes.read('tests', () => ({
    queue: queue.progress,
    tests: processTests.cases.map(({ id, title, tags }): TestRow => {
      const node = RED.nodes.getNode(id) as TestCaseNode | null;
      const last = lastOf(id);
      const fault = queue.faults.get(id);
      return {
        id,
        title,
        tags,
        tab: node ? tabOf(node) : '',
        running: node?.isRunning?.() === true,
        waiting: queue.isWaiting(id),
        ...placeOf(id),
        ...(last ? { last } : {}),
        ...(fault === undefined ? {} : { fault }),
      };
    }),
  }));

  routes.write('tests/run', ({ body }) => {
    const { cases } = (body ?? {}) as { cases?: unknown };
    if (Array.isArray(cases) && cases.every((id) => typeof id === 'string'))
      return { added: queue.add(cases) };
    throw localised(
      new SipflowError('BAD_CONFIG', 'The field "cases" must be a list of ids of test cases.', {
        field: 'cases',
      }),
    );
  });
  routes.write('tests/stop', () => queue.stop());
}

function lastOf(id: string): LastVerdicts | undefined {
  const verdicts = latestOfRows(processTests.results.verdicts.filter((verdict) => verdict.case === id));
  const newest = verdicts.reduce<Verdict | undefined>(
    (found, verdict) => (found && found.startedAt > verdict.startedAt ? found : verdict),
    undefined,
  );
  if (!newest) return undefined;
  const failed = verdicts.filter(({ status }) => status === 'failed');
  const worst = failed[0] ?? verdicts.find(({ status }) => status === 'flaky') ?? newest;
  return {
    status: worst.status,
    verdict: worst.id,
    reason: (worst.reason?.message ?? '').slice(0, 500),
    startedAt: newest.startedAt,
    durationMs: verdicts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    rows: verdicts.length,
    failed: failed.length,
    verdicts: verdicts
      .slice(0, MOST_ROWS)
      .flatMap(({ id: verdict, row, status }) => (row === undefined ? [] : [{ id: verdict, row, status }])),
  };
}

/** The latest verdict of each row, in order; without a table the latest one. */
function latestOfRows(verdicts: readonly Verdict[]): Verdict[] {
  const newest = verdicts.at(-1);
  if (!newest) return [];
  if (newest.row === undefined) return [newest];
  const rows = new Map<number, Verdict>();
  for (const verdict of verdicts) if (verdict.row !== undefined) rows.set(verdict.row, verdict);
  return [...rows.values()].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
}
