import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadReport } from '../../lib/load';
import { CommandRun } from '../support/command-run';
import { call, END, expect, FlowBuilder, HANG_UP } from './support/flow-builder';

const ANSWERED = expect(['answered', 'is', true]);
/** Keeps the main thread from everything else for so long. */
const busyFor = (ms: number): object => ({
  type: 'function',
  name: 'Busy',
  func: `const until = Date.now() + ${ms}; while (Date.now() < until); return msg;`,
  outputs: 1,
});
const waitFor = (seconds: string): object => ({
  type: 'delay',
  pauseType: 'delay',
  timeout: seconds,
  timeoutUnits: 'seconds',
});

/** A case that calls 1002, which answers. */
function answeredFlow(phone: object = {}, ...then: readonly object[]): FlowBuilder {
  const flow = new FlowBuilder();
  const caller = flow.phone('1001', phone);
  flow.answering('1002');
  const steps = [call(caller, '1002'), ANSWERED, ...then, HANG_UP, END];
  flow.testCase('is answered', { timeout: '5' }, steps);
  return flow;
}

/** The exit code is this one, or says that a machine which is busy with other tests judges nothing. */
function endedWith(
  wanted: number,
  { code, out, err }: { code: number | null; out: string; err: string },
): void {
  if (code === 3) assert.match(out, /not judged: the generator was the limit/);
  else assert.equal(code, wanted, out + err);
}

/** Processes that a process has started. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return stdout.trim().split('\n').map(Number);
}

/** Is busy for every call, and knows from which addresses they came. */
class BusyCallee {
  readonly callers = new Set<string>();
  readonly #socket = createSocket('udp4');

  static async open(): Promise<BusyCallee> {
    const callee = new BusyCallee();
    const socket = callee.#socket;
    socket.on('message', (message, { address, port }) => {
      const text = message.toString();
      if (!text.startsWith('INVITE ')) return;
      callee.callers.add(address);
      const copied = text.match(/^(Via|From|Call-ID|CSeq): .*$/gim) ?? [];
      const to = /^To: .*$/im.exec(text)?.[0] ?? '';
      const lines = ['SIP/2.0 486 Busy Here', ...copied, `${to};tag=busy`, 'Content-Length: 0', '', ''];
      socket.send(lines.join('\r\n'), port, address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return callee;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

describe('sipflow load', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-load-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, content: string | FlowBuilder): string {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content.nodes));
    return name;
  }

  function start(...args: string[]): CommandRun {
    return new CommandRun(['load', ...args], { cwd: folder, env: { CI: '1' } });
  }

  async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const running = start(...args);
    const code = await running.code;
    return { code, out: running.out, err: running.err };
  }

  function reportOf(file: string): LoadReport {
    return JSON.parse(readFileSync(join(folder, file), 'utf8')) as LoadReport;
  }

  it('refuses what only the runtime shows: tables, descriptors', async () => {
    const flow = write('flow.json', answeredFlow());
    write('wide.csv', 'to,to\n1,2\n');
    const wrong: [args: string[], sentence: RegExp][] = [
      [['--stages', '4/s for 1s', '--rows', 'wide.csv'], /has "to" twice/],
      [
        ['--stages', '9000 calls for 1s'],
        /may open 4096 files here, .* need 36200: raise the limit \(ulimit -n 36200\)/,
      ],
    ];
    const outcomes = await Promise.all(
      wrong.map(async ([args]) => {
        const running = new CommandRun(['load', flow, ...args], {
          ...{ cwd: folder, env: { CI: '1' }, openFiles: 4096 },
        });
        return { code: await running.code, err: running.err };
      }),
    );
    for (const [index, { code, err }] of outcomes.entries()) {
      assert.equal(code, 2, `${wrong[index][0].join(' ')}: ${err}`);
      assert.match(err, wrong[index][1]);
    }
  });

  it('runs a case by its stages, in two processes, and judges it', async () => {
    const flow = new FlowBuilder();
    const caller = flow.phone('1001');
    flow.answering('1002');
    flow.testCase('rows', {}, [call(caller, 'row.to', 'msg'), ANSWERED, HANG_UP, END]);
    const name = write('flow.json', flow);
    write('numbers.csv', `to\n${'1002\n'.repeat(12)}`);
    const ran = await run(
      ...[name, '--stages', '12/s for 1s', '--rows', 'numbers.csv', '--rows-order', 'unique'],
      ...['--processes', '2', '--expect', 'failed < 1%', '--expect', 'p95 setup < 4s'],
      ...['--report', 'out/load.json'],
    );
    endedWith(0, ran);
    const report = reportOf('out/load.json');
    const { counters } = report.figures;
    assert.deepEqual([counters.started + counters.leftOut, counters.failed], [12, 0]);
    assert.deepEqual([report.shards, report.plan.shards, report.plan.rows], [[0, 1], 2, 12]);
    assert.match(ran.out, /✓ failed < 1%/);
  });

  it('says in one sentence, however many processes there are, that RTP goes by dgram', async () => {
    const flow = write('flow.json', answeredFlow());
    const args = [flow, '--stages', '2/s for 2s', '--processes', '2'];
    const running = new CommandRun(['load', ...args], {
      cwd: folder,
      env: { CI: '1', SIPFLOW_DATAGRAMS: 'carrier pigeons' },
    });
    const code = await running.code;
    endedWith(0, { code, out: running.out, err: running.err });
    assert.equal(running.err.match(/RTP goes by dgram: .*not "carrier pigeons"/g)?.length, 1, running.err);
  });

  it('puts the shards of a plan together again, and refuses those of another one', async () => {
    const flow = write('flow.json', answeredFlow());
    const at = new Date(Date.now() + 5000).toISOString();
    const shard = (part: string): ReturnType<typeof run> =>
      run(flow, '--stages', '6/s for 1s', '--shard', part, '--start-at', at, '--report', `${part[0]}.json`);
    for (const each of await Promise.all([shard('1/3'), shard('2/3')])) endedWith(0, each);
    const other = reportOf('2.json');
    write('other.json', JSON.stringify({ ...other, plan: { ...other.plan, stages: '5/s for 1s' } }));
    const merge = async (...names: string[]): Promise<CommandRun> => {
      const merging = new CommandRun(['merge', ...names, '-o', 'all.json'], { cwd: folder });
      await merging.code;
      return merging;
    };
    const merged = await merge('1.json', '2.json');
    assert.equal(await merged.code, 0, merged.err);
    assert.match(merged.out, /Shard 3 of 3 is missing/);
    // A machine that is too busy to begin in time leaves starts out.
    const { started, leftOut } = reportOf('all.json').figures.counters;
    assert.equal(started + leftOut, 4);
    const shown = new CommandRun(['show', '1.json', '--html', 'page.html'], { cwd: folder });
    const refused = await Promise.all([
      merge('1.json', 'other.json'),
      merge('1.json', '1.json'),
      merge('1.json', 'flow.json'),
    ]);
    assert.equal(await shown.code, 0, shown.err);
    assert.match(readFileSync(join(folder, 'page.html'), 'utf8'), /^<!doctype html>/i);
    const sentences = [/different load plans/, /Shard 1 of 3 is there twice/, /no report of a load/];
    for (const [index, each] of refused.entries()) {
      assert.equal(await each.code, 2);
      assert.match(each.err, sentences[index]);
    }
  });

  it('calls from the addresses of --source, a process for each', async function () {
    // Other systems have 127.0.0.1 alone.
    if (process.platform !== 'linux') this.skip();
    const busy = await BusyCallee.open();
    const flow = new FlowBuilder();
    const caller = flow.phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: '0' });
    const steps = [call(caller, `sip:1002@127.0.0.1:${busy.port}`), expect(['status', 'is', 486]), END];
    flow.testCase('is busy', { timeout: '10' }, steps);
    const calling = flow.nodes.find(({ type }) => type === 'sip-make-call');
    const [answered] = calling?.wires as string[][];
    if (calling) calling.wires = [[], [], answered];
    const args = ['--stages', '10/s for 1s', '--source', '127.0.0.2,127.0.0.3', '--report', 'from.json'];
    const ran = await run(write('flow.json', flow), ...args);
    await busy.close();
    endedWith(0, ran);
    const { counters } = reportOf('from.json').figures;
    assert.deepEqual([counters.started + counters.leftOut, counters.failed], [10, 0], ran.out + ran.err);
    assert.deepEqual([...busy.callers].sort(), ['127.0.0.2', '127.0.0.3']);
  });

  it('does not start against a target that is dead, and fails against one that dies', async () => {
    const dead = new FlowBuilder();
    dead.testCase('to nobody', { timeout: '2' }, [call(dead.phone('1001'), '1009'), ANSWERED, HANG_UP, END]);
    const dying = new FlowBuilder();
    const caller = dying.phone('1001');
    const instance = dying.phone('1002');
    const func =
      'const n = (flow.get("n") || 0) + 1; flow.set("n", n); return n > 10 ? [null, msg] : [msg, null];';
    const [, , refuse] = dying.chain([
      { type: 'sip-incoming-call', instance },
      { type: 'function', func, outputs: 2 },
      { type: 'sip-reject', statusCode: '503', statusCodeType: 'num' },
    ]);
    const [answer] = dying.chain([{ type: 'sip-answer' }]);
    const choice = dying.nodes.find(({ type }) => type === 'function');
    if (choice) choice.wires = [[answer], [refuse]];
    dying.testCase('to a dying one', { timeout: '2' }, [call(caller, '1002'), ANSWERED, HANG_UP, END]);
    const stages = ['--stages', '20/s for 60s'];
    const abort = ['--abort', 'failed < 50%', '--report', 'dying.json'];
    const [probed, aborted] = await Promise.all([
      run(write('dead.json', dead), ...stages),
      run(write('dying-flow.json', dying), ...stages, ...abort),
    ]);
    assert.equal(probed.code, 1, probed.out + probed.err);
    assert.match(probed.out, /The first case failed .*so the run did not start/);
    endedWith(1, aborted);
    assert.match(aborted.out, /"failed < 50%" was not met/);
    const { failures } = reportOf('dying.json');
    assert.ok(failures.length > 0 && failures.length <= 6);
    assert.match(failures[0].attempt.calls[0].messages.at(-2)?.text ?? '', /^SIP\/2\.0 503 /);
  });

  it('judges nothing where the generator was the limit: a busy loop, ports that ran out, a late shard', async () => {
    const busy = write('busy.json', answeredFlow({}, busyFor(300)));
    const rtp = { rtpPortMin: '41000', rtpPortMax: '41007' };
    const ports = write('ports.json', answeredFlow(rtp, waitFor('2')));
    const plain = write('plain.json', answeredFlow());
    const late = new Date(Date.now() - 1000).toISOString();
    const [hobbled, exhausted, behind] = await Promise.all([
      run(busy, '--stages', '10/s for 2s', '--no-probe'),
      run(ports, '--stages', '8/s for 2s', '--no-probe', '--max-calls', '50'),
      run(plain, '--stages', '10/s for 4s', '--start-at', late),
    ]);
    for (const { code, out, err } of [hobbled, exhausted, behind]) assert.equal(code, 3, out + err);
    assert.match(hobbled.out, /late|left out|event loop/i);
    assert.match(exhausted.err, /has RTP ports for 4 calls, fewer than --max-calls/);
    assert.match(exhausted.out, /calls found no free port here/);
    assert.match(behind.out, /of the planned starts were left out/);
  });

  it('ends the calls when it is interrupted, and reports what there was', async () => {
    const flow = write('flow.json', answeredFlow({}, waitFor('3')));
    const running = start(flow, '--stages', '5/s for 60s', '--no-probe', '--report', 'cut.json');
    await running.prints(/running/);
    running.interrupt();
    assert.equal(await running.code, 130, running.out + running.err);
    const { end, figures } = reportOf('cut.json');
    assert.equal(end.reason, 'interrupted');
    assert.ok(figures.counters.stopped > 0);
    assert.equal(figures.counters.failed, 0);
  });

  it('ends at once when it is interrupted twice, and leaves no process behind', async () => {
    const flow = write('flow.json', answeredFlow({}, waitFor('3')));
    const running = start(flow, '--stages', '5/s for 60s', '--no-probe');
    await running.prints(/running/);
    const children = childrenOf(running.pid);
    assert.equal(children.length, 1);
    running.interrupt();
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.interrupt();
    assert.equal(await running.code, null, 'the signal has ended it');
    const isGone = (pid: number): boolean => {
      try {
        return process.kill(pid, 0) !== true;
      } catch {
        return true;
      }
    };
    while (!children.every(isGone)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('tells what was lost when a process is killed in the middle', async () => {
    const flow = write('flow.json', answeredFlow());
    const args = [flow, '--stages', '10/s for 4s', '--processes', '2', '--no-probe', '--report', 'lost.json'];
    const running = start(...args);
    await running.prints(/running/);
    process.kill(childrenOf(running.pid)[0], 'SIGKILL');
    assert.equal(await running.code, 3, running.out + running.err);
    const { end, lostStarts = 0, figures } = reportOf('lost.json');
    assert.equal(end.reason, 'process-lost');
    assert.match(end.message ?? '', /Process \d of 2: Node-RED ended unexpectedly \(SIGKILL\)/);
    assert.equal(lostStarts, 20, 'it had saved nothing yet');
    assert.equal(figures.counters.started + figures.counters.leftOut, 20);
  });
});
