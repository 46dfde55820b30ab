import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Bench } from '../nodes/support/bench';
import { answeredCall } from '../nodes/support/calls';
import { SidebarServer } from './support/sidebar-server';

describe('the ticks of the sidebar', () => {
  let bench: Bench;
  let server: SidebarServer;
  beforeEach(async () => {
    bench = new Bench();
    server = new SidebarServer();
    await server.start();
  });
  afterEach(async () => {
    await server.close();
    await bench.close();
  });

  const call = async (): Promise<void> => {
    bench.send('dial');
    await bench.next('dialled');
  };
  const tick = async (count: number): Promise<void> => {
    const until = performance.now() + 5_000;
    while (server.ticks.length < count && performance.now() < until) await delay(20);
    assert.ok(server.ticks.length >= count, `${server.ticks.length} ticks instead of ${count}`);
  };

  it('come only while a sidebar is open, say nothing, and are few', async () => {
    await answeredCall(bench);
    assert.deepEqual(server.ticks, [], 'nobody watches');
    await server.post('open', { sidebar: 'a' });
    await server.post('open', { sidebar: 'b' });
    const began = performance.now();
    for (let n = 0; n < 5; n++) await call();
    await tick(2);
    const most = 2 + (performance.now() - began) / 500;
    assert.ok(server.ticks.length <= most, `${server.ticks.length} ticks, at most ${most}`);
    assert.deepEqual(
      [...new Set(server.ticks.map((each) => JSON.stringify(each)))],
      ['{"topic":"sipflow/changed","data":{},"retain":false}'],
    );
    await server.post('close', { sidebar: 'a' });
    const before = server.ticks.length;
    await call();
    await tick(before + 1);
    await server.post('close', { sidebar: 'b' });
    const last = server.ticks.length;
    await call();
    await delay(700);
    assert.equal(server.ticks.length, last, 'all are closed');
  });

  it('go on after a deploy while somebody watches', async () => {
    await answeredCall(bench);
    await server.post('open', { sidebar: 'a' });
    await bench.deploy('full', (node) => node);
    await tick(1);
    await delay(600);
    const before = server.ticks.length;
    await call();
    await tick(before + 1);
    await server.post('close', { sidebar: 'a' });
  });
});
