import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report, Verdict } from '../../lib/testing';
import { CommandRun } from '../support/command-run';
import { readFrames } from '../support/pcap-reader';
import { call, END, expect, FlowBuilder, HANG_UP } from './support/flow-builder';

/** For the first packets of audio. */
const A_MOMENT = { type: 'delay', pauseType: 'delay', timeout: '300', timeoutUnits: 'milliseconds' };
const ANSWERED = expect(['answered', 'is', true]);
/** Ends the process of Node-RED, as a native module that crashes would. */
const CRASH = {
  type: 'function',
  name: 'Crash',
  func: "Buffer.constructor('return process')().exit(7);",
  outputs: 1,
};

/** Cases of all outcomes, each over in less than two seconds. */
function mixedFlow(): FlowBuilder {
  const flow = new FlowBuilder();
  const caller = flow.phone('1001');
  flow.answering('1002');
  flow.refusing('1003', '486');
  const rows = JSON.stringify([{ to: '1002' }, { to: '1003' }, { to: '1002' }]);
  const dialRow = [call(caller, 'row.to', 'msg'), ANSWERED, HANG_UP, END];
  flow.testCase('is answered', { tags: ['quick'] }, [call(caller, '1002'), ANSWERED, HANG_UP, END]);
  flow.testCase('wrong codec', {}, [call(caller, '1002'), expect(['codec', 'is', 'G722']), HANG_UP, END]);
  flow.testCase('left standing', {}, [call(caller, '1002'), ANSWERED, END]);
  flow.testCase('silent', { timeout: '1' }, [call(caller, '1003'), END]);
  flow.testCase('rows', { timeout: '1', rows, rowsType: 'json', tags: ['table'] }, dialRow);
  return flow;
}

describe('sipflow test', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, content: string | FlowBuilder): string {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content.nodes));
    return name;
  }

  function start(args: readonly string[], env: Record<string, string> = {}): CommandRun {
    return new CommandRun(['test', ...args], { cwd: folder, env: { CI: '1', ...env } });
  }

  async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const running = start(args);
    const code = await running.code;
    return { code, out: running.out, err: running.err };
  }

  function reportOf(file = 'sipflow-results/report.json'): Report {
    return JSON.parse(readFileSync(join(folder, file), 'utf8')) as Report;
  }

  const outcomes = (verdicts: readonly Verdict[]): unknown[] =>
    verdicts.map(({ title, row, status, reason }) => [title, row, status, reason?.code]);

  it('runs all cases of a flow file, says why some failed, and leaves a report', async () => {
    const { code, out, err } = await run(
      write('mixed.json', mixedFlow()),
      '--reporter',
      'list',
      '--reporter',
      'junit=out/j.xml',
    );
    assert.equal(code, 1, out + err);
    const { verdicts, versions } = reportOf();
    assert.deepEqual(outcomes(verdicts), [
      ['is answered', undefined, 'passed', undefined],
      ['wrong codec', undefined, 'failed', 'CHECK_FAILED'],
      ['left standing', undefined, 'failed', 'LEAK'],
      ['silent', undefined, 'failed', 'TEST_TIMEOUT'],
      ['rows', 1, 'passed', undefined],
      ['rows', 2, 'failed', 'TEST_TIMEOUT'],
      ['rows', 3, 'passed', undefined],
    ]);
    assert.match(versions['Node-RED'], /^\d+\.\d+/);
    assert.match(out, /✓ mixed\.json › is answered/);
    assert.match(out, /wanted: G722\n\s+got: PCMU/);
    assert.match(out, /3 passed, 4 failed/);
    assert.match(
      readFileSync(join(folder, 'out/j.xml'), 'utf8'),
      /<testsuites[^>]* tests="7"[^>]* failures="4"/,
    );
    const lines = readFileSync(join(folder, 'sipflow-results/results.jsonl'), 'utf8').trim().split('\n');
    assert.equal(lines.length, 1 + 2 * 7 + 1, 'a head, an attempt and a verdict for each row, an end');
    assert.match(readFileSync(join(folder, 'sipflow-results/node-red.log'), 'utf8'), /Started flows/);
  });

  it('shares the rows among shards, whose merged report is the whole', async () => {
    const name = write('mixed.json', mixedFlow());
    const shards = ['1/3', '2/3', '3/3'];
    const selected = ['--tag', 'quick', '--tag', 'table', '--retries', '0'];
    const runs = await Promise.all(
      shards.map((shard, index) => run(name, ...selected, '--shard', shard, '--output', `s${index}`)),
    );
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0, 1],
      runs.map(({ out, err }) => out + err).join('\n'),
    );
    const reports = shards.map((_shard, index) => `s${index}/report.json`);
    const merged = new CommandRun(['merge', ...reports, '-o', 'all/report.json'], { cwd: folder });
    assert.equal(await merged.code, 0, merged.err);
    assert.deepEqual(outcomes(reportOf('all/report.json').verdicts), [
      ['is answered', undefined, 'passed', undefined],
      ['rows', 1, 'passed', undefined],
      ['rows', 2, 'failed', 'TEST_TIMEOUT'],
      ['rows', 3, 'passed', undefined],
    ]);
    const shown = new CommandRun(['show', 'all/report.json'], { cwd: folder });
    assert.equal(await shown.code, 0);
    assert.match(shown.out, /3 passed, 1 failed/);
  });

  it('captures packets as --pcap or the phones say, and exports the calls of an attempt', async () => {
    const flow = new FlowBuilder();
    const caller = flow.phone('1001', { capture: 'headers' });
    flow.answering('1002');
    flow.testCase('is answered', {}, [call(caller, '1002'), ANSWERED, HANG_UP, END]);
    flow.testCase('stands', {}, [call(caller, '1002'), A_MOMENT, END]);
    const name = write('packets.json', flow);
    const [failed, unset, off] = await Promise.all([
      run(name, '--pcap', 'failed', '--output', 'failed', '--reporter', 'html'),
      run(name, '--output', 'unset'),
      run(name, '--pcap', 'off', '--output', 'off'),
    ]);
    assert.deepEqual([failed.code, unset.code, off.code], [1, 1, 1], failed.err + unset.err + off.err);
    const files = (output: string): (string | undefined)[][] =>
      reportOf(`${output}/report.json`).verdicts.map(({ attempts }) =>
        attempts[0].calls.map(({ pcap, ref }) => pcap && ref.direction),
      );
    assert.deepEqual(files('failed'), [
      [undefined, undefined],
      ['out', 'in'],
    ]);
    assert.deepEqual(files('unset'), [
      ['out', undefined],
      ['out', undefined],
    ]);
    assert.deepEqual(files('off').flat(), [undefined, undefined, undefined, undefined]);
    assert.ok(!existsSync(join(folder, 'off/pcap')));

    const [{ calls, artefacts }] = reportOf('failed/report.json').verdicts[1].attempts;
    assert.deepEqual(
      artefacts.map(({ kind, file }) => [kind, file]),
      calls.map(({ pcap }) => ['pcap', pcap]),
    );
    assert.match(calls[0].pcap ?? '', /^pcap\/1001-1002-[\w-]+\.pcap$/);
    const packets = (file: string): number =>
      readFrames(readFileSync(join(folder, file))).filter(({ payload }) => payload.length === 172).length;
    assert.ok(packets(`failed/${calls[0].pcap}`) > 0, 'audio');
    const html = readFileSync(join(folder, 'failed/report.html'), 'utf8');
    assert.ok(html.includes(`./${calls[0].pcap}`), 'a link of the page');

    const exports = ['text', 'mermaid', 'svg', 'json', 'pcap'].flatMap((kind) => [
      `--${kind}`,
      `out/call.${kind}`,
    ]);
    const shown = new CommandRun(['show', 'failed/report.json', ...exports], { cwd: folder });
    assert.equal(await shown.code, 0, shown.err);
    const written = (kind: string): string => readFileSync(join(folder, `out/call.${kind}`), 'latin1');
    assert.match(written('text'), /INVITE/);
    assert.match(written('mermaid'), /^sequenceDiagram/);
    assert.match(written('svg'), /^<svg/);
    assert.match(written('json'), /sipflow-ladder/);
    const all = readFrames(readFileSync(join(folder, 'out/call.pcap')));
    assert.equal(all.filter(({ payload }) => payload.toString('latin1').startsWith('INVITE')).length, 1);
    assert.ok(packets('out/call.pcap') >= packets(`failed/${calls[0].pcap}`));

    const chosen = ['--case', 'is answered', '--pcap', 'out/answered.pcap'];
    const sip = new CommandRun(['show', 'failed/report.json', ...chosen], { cwd: folder });
    assert.equal(await sip.code, 0, sip.err);
    assert.equal(packets('out/answered.pcap'), 0, 'the messages of the report');
    assert.ok(readFrames(readFileSync(join(folder, 'out/answered.pcap'))).length >= 6);
    const none = new CommandRun(['show', 'failed/report.json', '--row', '7', '--text', 'x'], { cwd: folder });
    assert.equal(await none.code, 2);
    assert.match(none.err, /no attempt that --case and --row choose/);
  });

  it('goes on in another process when Node-RED crashes', async () => {
    const flow = new FlowBuilder();
    const caller = flow.phone('1001');
    flow.answering('1002');
    flow.testCase('crashes', {}, [CRASH]);
    flow.testCase('is answered', {}, [call(caller, '1002'), ANSWERED, HANG_UP, END]);
    const { code, out } = await run(write('crash.json', flow));
    assert.equal(code, 1, out);
    assert.deepEqual(outcomes(reportOf().verdicts), [
      ['crashes', undefined, 'failed', 'RUNTIME_ENDED'],
      ['is answered', undefined, 'passed', undefined],
    ]);
  });

  /** A flow that passes once and then waits for a minute; resolves once the first attempt is on the disk. */
  async function untilWaiting(): Promise<CommandRun> {
    const flow = new FlowBuilder();
    const caller = flow.phone('1001');
    flow.answering('1002');
    flow.testCase('is answered', {}, [call(caller, '1002'), ANSWERED, HANG_UP, END]);
    flow.testCase('waits', {}, [call(caller, '1002')]);
    const running = start([write('wait.json', flow)]);
    await running.prints(/✓ wait\.json › is answered/);
    return running;
  }

  it('ends its calls on Ctrl-C and reports what there is', async () => {
    const running = await untilWaiting();
    running.interrupt();
    assert.equal(await running.code, 130, running.err);
    assert.match(running.out, /interrupted/);
    assert.equal(reportOf().verdicts[0].status, 'passed');
  });

  it('leaves what had ended when it is killed', async () => {
    const running = await untilWaiting();
    running.kill();
    await running.code;
    const shown = new CommandRun(['show', 'sipflow-results/results.jsonl'], { cwd: folder });
    assert.equal(await shown.code, 0, shown.err);
    assert.match(shown.out, /1 passed/);
  });

  it('gives phones their passwords, and shows them nowhere', async () => {
    const registering = new FlowBuilder();
    const caller = registering.phone('1001', { mode: 'network', port: '0', registrar: '127.0.0.1:9' });
    registering.testCase('registers', {}, [call(caller, '1002'), END]);
    const without = await run(write('registering.json', registering));
    assert.equal(without.code, 2);
    assert.match(
      without.err,
      /Phone "Phone 1001" registers and has no password: set .*SIPFLOW_CREDENTIAL_PHONE_1001_PASSWORD/,
    );

    const flow = new FlowBuilder();
    const proving = { authUser: 'alice', authenticateIncoming: true };
    const alice = flow.phone('1001', proving);
    flow.answering('1002', proving);
    const print = { type: 'function', name: 'Print', func: "node.warn(env.get('PBX_PIN')); return msg;" };
    flow.testCase('tells', {}, [print, call(alice, '1002'), ANSWERED, HANG_UP, END]);
    write('env', 'PBX_PIN=hunter-2-pin\n');
    write('passwords.json', JSON.stringify({ 'Phone 1002': { password: 'swordfish' } }));
    const running = start(
      [write('secret.json', flow), '--env-file', 'env', '--credentials', 'passwords.json'],
      {
        SIPFLOW_CREDENTIAL_PHONE_1001_PASSWORD: 'swordfish',
      },
    );
    assert.equal(await running.code, 0, running.out + running.err);
    const texts = readdirSync(join(folder, 'sipflow-results')).map((file) =>
      existsSync(join(folder, 'sipflow-results', file)) && file.includes('.')
        ? readFileSync(join(folder, 'sipflow-results', file), 'utf8')
        : '',
    );
    assert.ok(texts.some((text) => text.includes('[warn] [function:Print] ***')));
    assert.doesNotMatch([...texts, running.out, running.err].join(''), /hunter-2-pin|swordfish/);
  });

  const FILES: Record<string, string> = {
    'empty.json': '',
    'cut.json': '[{"id":"a"',
    'object.json': '{"a":1}',
    'none.json': '[]',
    'idle.json': '[{"id":"tab","type":"tab"}]',
    'other.json': '[{"id":"tab","type":"tab"},{"id":"a","type":"their-node","z":"tab"}]',
    'newer.json': '[{"id":"tab","type":"tab"},{"id":"a","type":"sip-hologram","z":"tab"}]',
    'secrets.json': '{"Phone 9": {"password": "x"}}',
  };
  const MISTAKES: [typed: string[], sentence: RegExp][] = [
    [['gone.json'], /There is no file gone\.json\./],
    [['.'], /is a folder; name the flow files in it/],
    [['empty.json'], /empty\.json is empty/],
    [['cut.json'], /cut\.json is no JSON/],
    [['object.json'], /no flow file: it has to be a list of nodes/],
    [['none.json'], /has no nodes/],
    [['idle.json'], /There is no test case in idle\.json/],
    [['other.json'], /No installed package has nodes of the type their-node.*--user-dir/],
    [['newer.json'], /no node of the type sip-hologram: the flow was made with another one/],
    [['idle.json', '--credentials', 'secrets.json'], /credentials for "Phone 9", but no flow has a node/],
    [['idle.json', '--user-dir', 'gone'], /There is no folder gone/],
    [
      ['idle.json', '--credential-secret-env', 'NOT_SET_9'],
      /NOT_SET_9 of --credential-secret-env is not set/,
    ],
    [['idle.json', '--case', '('], /Invalid regular expression/],
    [['idle.json', '--shard', '4/3'], /the number of a part and how many there are/],
    [['idle.json', '--reporter', 'pdf'], /The reporters are list, json, junit/],
    [['idle.json', '--retries', '1.5'], /whole number from 0 to/],
    [['idle.json', '--record', 'maybe'], /Allowed choices are failed, on, off/],
    [['idle.json', '--output', 'empty.json/below'], /empty\.json/],
  ];
  it('ends with 2 and a sentence when it cannot run', async () => {
    for (const [name, content] of Object.entries(FILES)) write(name, content);
    for (const [typed, sentence] of MISTAKES) {
      const { code, out, err } = await run(...typed);
      assert.equal(code, 2, `${typed.join(' ')}: ${out}${err}`);
      assert.match(err, sentence);
      assert.doesNotMatch(err, /\n\s+at /);
    }
  });

  it('names the cases and rows that it would run', async () => {
    const { code, out } = await run(
      write('mixed.json', mixedFlow()),
      '--list',
      '--tag',
      'table',
      '--tag',
      'quick',
    );
    assert.equal(code, 0);
    assert.equal(
      out,
      'mixed.json › is answered\nmixed.json › rows [row 1]\nmixed.json › rows [row 2]\nmixed.json › rows [row 3]\n',
    );
    assert.equal(existsSync(join(folder, 'sipflow-results')), false);
  });
});
