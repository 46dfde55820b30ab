import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandRun } from '../support/command-run';
import { freePort } from '../support/ports';
import { call, END, expect, FlowBuilder, HANG_UP } from './support/flow-builder';

describe('sipflow test with a port for metrics', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-metrics-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('serves them while it runs, and ends all the same', async () => {
    const flow = new FlowBuilder();
    const caller = flow.phone('1001');
    flow.answering('1002');
    const rows = 8;
    const steps = [call(caller, '1002'), expect(['answered', 'is', true]), HANG_UP, END];
    flow.testCase('calls', { rows: JSON.stringify(Array(rows).fill({})), rowsType: 'json' }, steps);
    writeFileSync(join(folder, 'calls.json'), JSON.stringify(flow.nodes));
    const port = await freePort();
    const env = { CI: '1', SIPFLOW_METRICS_PORT: String(port) };
    const run = new CommandRun(['test', 'calls.json'], { cwd: folder, env });
    let ended = false;
    void run.code.then(() => (ended = true));
    let most = -1;
    let last = '';
    while (!ended) {
      const page = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })
        .then((response) => response.text())
        .catch(() => undefined);
      if (page !== undefined) {
        last = page;
        most = Math.max(
          most,
          Number(/^sipflow_calls_total\{direction="out",outcome="answered"\} (\d+)$/m.exec(page)?.[1]),
        );
      }
      await delay(20);
    }
    assert.equal(await run.code, 0, run.out + run.err);
    assert.ok(most >= 1 && most <= rows, `${most} calls were counted`);
    assert.match(last, /\n# EOF\n$/);
    assert.match(last, /^sipflow_phones\{state="ready"\} \d$/m);
  });
});
