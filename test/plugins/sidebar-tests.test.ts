import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { processTests } from '../../lib/testing';
import type { TestRow } from '../../plugins/sipflow/server/tests';
import type { VerdictDetail } from '../../plugins/sipflow/server/verdicts';
import { Bench, type FlowNode } from '../nodes/support/bench';
import { answering, check, dial, end, expecting, hangUp, phones, testCase } from '../nodes/support/tests';
import { SidebarServer } from './support/sidebar-server';

interface TestList {
  queue: { done: number; all: number };
  tests: TestRow[];
}

/** Two cases: one of three rows of which the second fails, and one that never ends by itself. */
const flow: FlowNode[] = [
  ...phones,
  ...answering,
  testCase('dial', {
    title: 'Three rows',
    rows: JSON.stringify([{ codec: 'PCMU' }, { codec: 'G722' }, { codec: 'PCMU' }]),
    rowsType: 'json',
  }),
  dial('expect'),
  expecting([check('codec', 'is', 'row.codec', 'msg')], 'hang'),
  hangUp,
  end,
  testCase('nowhere', {
    id: 'endless',
    title: '<b>Endless</b>',
    timeout: '60',
    wires: [['nowhere'], [], []],
  }),
];

describe('the routes of the sidebar: tests', () => {
  let bench: Bench;
  let server: SidebarServer;
  beforeEach(async () => {
    processTests.results.clear();
    bench = new Bench();
    server = new SidebarServer();
    await server.start();
    await bench.load(...flow);
  });
  afterEach(async () => {
    await server.close();
    await bench.close();
    processTests.results.clear();
  });

  const list = (): Promise<TestList> => server.get('tests');
  const until = async (holds: (tests: TestList) => boolean): Promise<TestList> => {
    for (const limit = performance.now() + 20_000; ;) {
      const tests = await list();
      if (holds(tests)) return tests;
      assert.ok(performance.now() < limit, JSON.stringify(tests));
      await delay(50);
    }
  };
  const of = ({ tests }: TestList, id: string): TestRow => tests.find((test) => test.id === id) as TestRow;

  it('list the cases of all tabs, run them one after the other, and keep the verdict of each row', async () => {
    const before = await list();
    assert.deepEqual(before.queue, { done: 0, all: 0 });
    assert.deepEqual(
      before.tests.map(({ title, tab, running, last }) => [title, tab, running, last]),
      [
        ['Three rows', 'tab', false, undefined],
        ['<b>Endless</b>', 'tab', false, undefined],
      ],
    );
    const response = await server.post('tests/run', { cases: ['case', 'endless', 'case', 'unknown'] });
    assert.deepEqual(await response.json(), { added: 2 });
    const first = await until((tests) => of(tests, 'case').running);
    assert.deepEqual([first.queue, of(first, 'endless').waiting], [{ done: 0, all: 2 }, true]);
    const second = await until((tests) => of(tests, 'endless').running);
    assert.deepEqual(second.queue, { done: 1, all: 2 });
    const { last } = of(second, 'case');
    assert.deepEqual([last?.status, last?.rows, last?.failed], ['failed', 3, 1]);
    assert.deepEqual(
      last?.verdicts.map(({ row, status }) => [row, status]),
      [
        [1, 'passed'],
        [2, 'failed'],
        [3, 'passed'],
      ],
    );
    assert.match(last?.reason ?? '', /codec is G722/);
    assert.equal(last?.verdict, last?.verdicts[1]?.id, 'the failure is opened first');
    assert.equal((await server.post('tests/stop')).status, 200);
    const stopped = await until((tests) => !of(tests, 'endless').running && tests.queue.all === 0);
    assert.equal(of(stopped, 'endless').last?.status, 'failed');
  });

  it('show a verdict with its checks, steps and ladder, and a report of all', async () => {
    await server.post('tests/run', { cases: ['case'] });
    const { last } = of(await until((tests) => of(tests, 'case').last?.rows === 3), 'case');
    const verdict = await server.get<VerdictDetail>(`verdicts/${last?.verdict}`);
    assert.deepEqual([verdict.status, verdict.row, verdict.reason?.code], ['failed', 2, 'CHECK_FAILED']);
    const [attempt] = verdict.attempts;
    assert.deepEqual(
      attempt?.checks.map(({ what, ok, got }) => [what, ok, got]),
      [['codec', false, 'PCMU']],
    );
    assert.ok(attempt.steps.some(({ node }) => node.id === 'dial'));
    const kinds = attempt.ladder.rows.map((row) => (row.kind === 'mark' ? row.mark : row.kind));
    assert.ok(kinds.includes('message') && kinds.includes('check'), kinds.join());
    assert.equal(attempt.calls.length, 2);
    assert.equal((await server.ask('verdicts/unknown')).status, 404);
    const report = await server.ask('report?lang=ko');
    assert.match(report.headers.get('content-type') ?? '', /^text\/html/);
    const html = await report.text();
    assert.match(html, /<html lang="ko">/);
    assert.match(html, /Three rows/);
  });

  it('tell a row as long as one runs, also when another one that began with it is over', async () => {
    await bench.unload();
    const fails = "if (msg.row.n === 1) node.error('no', msg);";
    await bench.load(
      ...phones,
      testCase('choose', {
        ...{ rows: '[{"n":1},{"n":2}]', rowsType: 'json', rowsAtOnce: '2', sharedPhones: true, timeout: '3' },
        wires: [['choose'], [], []],
      }),
      { id: 'choose', type: 'function', func: fails, outputs: 1, libs: [], wires: [[]] },
    );
    await server.post('tests/run', { cases: ['case'] });
    const one = await until((found) => of(found, 'case').last?.rows === 1);
    assert.deepEqual([of(one, 'case').running, of(one, 'case').row], [true, 2]);
    const over = await until((found) => of(found, 'case').last?.rows === 2 && found.queue.all === 0);
    assert.equal(of(over, 'case').row, undefined);
  });

  it('say why a case could not run, and refuse a body that is no list', async () => {
    await server.post('tests/run', { cases: ['endless'] });
    await until((tests) => of(tests, 'endless').running);
    await bench.deploy('full', (node) => (node.id === 'case' ? { ...node, rows: 'no json' } : node));
    await until((tests) => tests.queue.all === 0);
    await server.post('tests/run', { cases: ['case'] });
    const tests = await until((found) => of(found, 'case').fault !== undefined);
    assert.match(of(tests, 'case').fault ?? '', /rows/);
    for (const body of [{}, { cases: 'case' }, { cases: [1] }]) {
      assert.equal((await server.post('tests/run', body)).status, 400, JSON.stringify(body));
    }
  });
});
