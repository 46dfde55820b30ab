import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Terminal } from '../../cli/command';
import { chosenCase } from '../../cli/load/fleet';
import { withLoadOptions, type LoadArguments } from '../../cli/load/options';
import { jobOf } from '../../cli/load/plan';
import { sharedNumbers } from '../../cli/load/shared-numbers';
import { newCommand } from '../../cli/command';
import { run } from '../../cli/run';
import type { CaseInfo } from '../../cli/runtime/protocol';

const CASE: CaseInfo = { id: 'a', title: 'is answered', tags: [], phones: ['p'], timeout: 5, rows: [null] };

/** What the command says, in this process, of options for which it needs no Node-RED. */
async function said(...args: string[]): Promise<{ code: number; err: string }> {
  const complaints: string[] = [];
  const { signal } = new AbortController();
  const terminal: Terminal = {
    print: () => undefined,
    complain: (line) => complaints.push(line),
    out: { write: () => undefined },
    interrupted: signal,
    insisted: signal,
    env: {},
  };
  const code = await run(['load', ...args], terminal);
  return { code, err: complaints.join('\n') };
}

function optionsOf(...args: string[]): LoadArguments {
  const command = withLoadOptions(newCommand('load'));
  command.parse(args, { from: 'user' });
  return command.opts();
}

describe('sipflow load refuses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-load-'));
  const flow = join(folder, 'flow.json');
  writeFileSync(flow, JSON.stringify([{ id: 'tab', type: 'tab' }]));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const stages = ['--stages', '1/s for 1s'];
  const wrong: [args: string[], sentence: RegExp][] = [
    [[], /--stages/],
    [['--stages', '10/x for 3s'], /a stage is like "50\/s for 2m"/],
    [['--stages', '10/s for 0s'], /it takes no time/],
    [[...stages, '--expect', 'speed < 3'], /no figure "speed"/],
    [[...stages, '--abort', 'failed < 3 ms'], /its unit is %/],
    [[...stages, '--max-calls', '0'], /number from 1 to/],
    [[...stages, '--rows-order', 'sorted'], /sequential, unique, random/],
    [[...stages, '--shard', '4/3'], /such as 1\/3/],
    [[...stages, '--source', 'localhost'], /no IP address/],
    [[...stages, '--source', '127.0.0.2,127.0.0.2'], /there twice/],
    [[...stages, '--source', '127.0.0.2,127.0.0.3', '--processes', '1'], /2 addresses .* as many processes/],
    [[...stages, '--start-at', 'tomorrow'], /a time such as/],
    [[...stages, '--start-at', '2020-01-01T00:00:00Z'], /is over/],
    [[...stages, '--report', 'report.txt'], /has to end in \.json or \.html/],
    [[...stages, '--credentials', 'none.json'], /no file none\.json/],
  ];
  for (const [args, sentence] of wrong) {
    it(args.join(' ') || 'a run without stages', async () => {
      const { code, err } = await said(flow, ...args);
      assert.equal(code, 2, err);
      assert.match(err, sentence);
    });
  }

  it('several cases of which none is selected, and a selection that fits none', () => {
    const cases = [CASE, { ...CASE, id: 'b', title: 'is slow' }];
    assert.equal(chosenCase(cases, /slow/).id, 'b');
    assert.throws(
      () => chosenCase(cases, undefined),
      /select it by --case\. There are "is answered", "is slow"/,
    );
    assert.throws(() => chosenCase(cases, /fast/), /No test case is selected/);
    assert.throws(() => chosenCase([], undefined), /no test case in this flow/);
  });

  it('more calls at once than --max-calls, and more starts than rows that are each taken once', () => {
    const share = { index: 0, count: 1 };
    assert.throws(
      () => jobOf(optionsOf('--stages', '200 calls for 1s', '--max-calls', '20'), share, CASE),
      /wants 200 calls at once, and maxCalls allows 20/,
    );
    assert.throws(
      () =>
        jobOf(optionsOf('--stages', '4/s for 1s', '--rows-order', 'unique'), share, {
          ...CASE,
          rows: [1, 2],
        }),
      /has 2 rows, and the stages plan 4/,
    );
  });
});

describe('numbers of a load in several processes', () => {
  const phone = { id: 'p', type: 'sip-instance', name: 'Agent', mode: 'network', registrar: 'pbx.example' };
  const incoming = { id: 'i', type: 'sip-incoming-call', instance: 'p' };
  const told = (nodes: object[], processes = 2): string[] =>
    sharedNumbers(nodes as Parameters<typeof sharedNumbers>[0], ['p'], {}, processes);

  it('are told of where calls come in: one process alone registers', () => {
    assert.match(told([phone, incoming])[0], /^Phone "Agent" is registered by the first of 2 processes/);
  });

  it('are not spoken of where no call comes in, nothing registers, or one process does it all', () => {
    assert.deepEqual(told([phone]), []);
    assert.deepEqual(told([{ ...phone, register: false }, incoming]), []);
    assert.deepEqual(told([{ ...phone, mode: 'simulation' }, incoming]), []);
    assert.deepEqual(told([phone, incoming], 1), []);
    assert.deepEqual(told([phone, { ...incoming, instance: 'other' }]), []);
  });
});
