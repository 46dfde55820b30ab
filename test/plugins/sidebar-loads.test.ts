import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { processTests } from '../../lib/testing';
import type { LoadState } from '../../plugins/sipflow/server/loads';
import { Bench, type FlowNode } from '../nodes/support/bench';
import { answering, check, dial, end, expecting, hangUp, phones, testCase } from '../nodes/support/tests';
import { SidebarServer } from './support/sidebar-server';

const flow: FlowNode[] = [
  ...[...phones, ...answering, testCase('dial'), dial('expect'), hangUp, end],
  expecting([check('answered', 'is', 'true', 'bool')], 'hang'),
];

describe('the routes of the sidebar: loads', () => {
  let bench: Bench;
  let server: SidebarServer;
  beforeEach(async () => {
    bench = new Bench();
    server = new SidebarServer();
    await server.start();
    await bench.load(...flow);
  });
  afterEach(async () => {
    await server.close();
    await bench.close();
  });

  const state = (): Promise<LoadState> => server.get('loads/case');
  const start = (stages: string, expect = ''): Promise<Response> =>
    server.post('loads/start', { case: 'case', stages, expect });
  const until = async (holds: (load: LoadState) => boolean): Promise<LoadState> => {
    for (const limit = performance.now() + 20_000; ;) {
      const load = await state();
      if (holds(load)) return load;
      assert.ok(performance.now() < limit, JSON.stringify(load));
      await delay(50);
    }
  };

  it('start a case as a load, tell its course, and keep its report', async () => {
    assert.deepEqual(await state(), { running: false, stages: '', expect: '', samples: [], failed: 0 });
    assert.equal((await start('5/s for 2s', 'failed < 1%, attempts >= 10')).status, 200);
    assert.equal((await start('5/s for 2s')).status, 409, 'it runs already');
    const during = await until(({ samples }) => samples.length > 0);
    assert.deepEqual([during.running, during.stages], [true, '5/s for 2s']);
    const { outcome, failed } = await until(({ running }) => !running);
    assert.deepEqual(
      [failed, outcome?.thresholds.map(({ ok }) => ok), outcome?.stages.map(({ text }) => text)],
      [0, [true, true], ['5/s for 2s']],
    );
    const page = await server.ask('loads/case/report?lang=ko');
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(await page.text(), /^<!doctype html>\n<html lang="ko">/);
  });

  it('stop a load with its calls', async () => {
    await start('5/s for 60s');
    await until(({ samples }) => samples.length > 0);
    await server.post('loads/stop', { case: 'case' });
    const { outcome } = await until(({ running }) => !running);
    assert.ok(outcome);
    assert.equal(processTests.running().length, 0);
  });

  it('end a load when the case is gone', async () => {
    await start('5/s for 60s');
    await until(({ samples }) => samples.length > 0);
    await bench.deploy('full', (node) => (node.id === 'case' ? undefined : node));
    await until(({ running }) => !running);
    assert.equal(processTests.running().length, 0);
  });

  it('say what is wrong with stages, thresholds and cases', async () => {
    for (const [body, sentence] of [
      [{ case: 'case', stages: 'ten a second' }, /stages cannot be read/],
      [{ case: 'case', stages: '1/s for 1s', expect: 'speed < 1' }, /no figure "speed"/],
      [{ case: 'gone', stages: '1/s for 1s' }, /not deployed/],
      [{ case: { $ne: 1 }, stages: 7 }, /"case" is empty/],
    ] as const) {
      const response = await server.post('loads/start', body);
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as { message: string }).message, sentence);
    }
    assert.equal((await server.ask('loads/case/report')).status, 404);
  });
});
