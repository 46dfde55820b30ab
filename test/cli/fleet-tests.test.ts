import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Report, Verdict } from '../../lib/testing';
import { CommandRun } from '../support/command-run';
import { call, END, expect, FlowBuilder, HANG_UP } from './support/flow-builder';
import { hasRedis, TestRedis } from './support/redis';

const ANSWERED = expect(['answered', 'is', true]);
const A_MOMENT = { type: 'delay', pauseType: 'delay', timeout: '2', timeoutUnits: 'seconds' };

/** Cases of all outcomes, among them one of a table and two that last. */
function mixedFlow(): FlowBuilder {
  const flow = new FlowBuilder();
  const caller = flow.phone('1001');
  flow.answering('1002');
  const rows = JSON.stringify([{ to: '1002' }, { to: '1002' }]);
  for (const title of ['lasts', 'lasts too']) {
    flow.testCase(title, {}, [call(caller, '1002'), A_MOMENT, ANSWERED, HANG_UP, END]);
  }
  flow.testCase('is answered', { tags: ['quick'] }, [call(caller, '1002'), ANSWERED, HANG_UP, END]);
  flow.testCase('wrong codec', {}, [call(caller, '1002'), expect(['codec', 'is', 'G722']), HANG_UP, END]);
  flow.testCase('rows', { rows, rowsType: 'json', tags: ['table'] }, [
    call(caller, 'row.to', 'msg'),
    ANSWERED,
    HANG_UP,
    END,
  ]);
  return flow;
}

describe('sipflow test on a fleet', function () {
  this.timeout(120_000);
  let folder: string;
  let redis: TestRedis;
  let running: CommandRun[];

  before(async function () {
    if (!hasRedis()) this.skip();
    redis = await TestRedis.start();
  });
  after(() => redis?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-fleet-'));
    writeFileSync(join(folder, 'flow.json'), JSON.stringify(mixedFlow().nodes));
    running = [];
  });
  afterEach(async () => {
    for (const each of running) each.interrupt();
    await Promise.all(running.map(({ code }) => code));
    rmSync(folder, { recursive: true, force: true });
  });

  function command(...args: string[]): CommandRun {
    const run = new CommandRun(args, { cwd: folder, env: { CI: '1' } });
    running.push(run);
    return run;
  }

  async function workers(...names: string[]): Promise<CommandRun[]> {
    const started = names.map((name) => command('worker', '--queue', redis.url, '--name', name));
    await Promise.all(started.map((worker) => worker.prints(/waits for runs/)));
    return started;
  }

  function tests(...args: string[]): CommandRun {
    return command('test', 'flow.json', '--queue', redis.url, ...args);
  }

  function reportOf(output = 'sipflow-results'): Report {
    return JSON.parse(readFileSync(join(folder, output, 'report.json'), 'utf8')) as Report;
  }

  const outcomes = (verdicts: readonly Verdict[]): unknown[] =>
    verdicts.map(({ title, row, status, attempts }) => [
      title,
      row,
      status,
      attempts.map(({ reason }) => reason?.code),
    ]);

  it('says what is wrong with its options, and that no worker is there', async () => {
    const wrong: [run: CommandRun, sentence: RegExp][] = [
      [command('test', 'flow.json', '--workers', '2'), /--workers needs the fleet that it is about/],
      [tests('--user-dir', '.'), /--user-dir is of no use with --queue/],
      [tests('--with', 'none'), /no file none beside the flow/],
      [
        command('test', 'flow.json', '--queue', 'redis://127.0.0.1:1'),
        /Redis at 127\.0\.0\.1:1 cannot be used/,
      ],
      [tests('--run', 'alone'), /The run needs a worker, and 0 can be had/],
    ];
    const codes = await Promise.all(wrong.map(([run]) => run.code));
    for (const [index, [run, sentence]] of wrong.entries()) {
      assert.match(run.err, sentence);
      assert.equal(codes[index], 2, run.err);
    }
  });

  it('shares cases as on one machine; one whose worker is killed or told to end runs once more, marked', async () => {
    const started = await workers('a', 'b', 'c');
    const listed = tests('--list', '--tag', 'table', '--workers', '1');
    assert.equal(await listed.code, 0, listed.err);
    assert.equal(listed.out, [1, 2].map((row) => `flow.json › rows [row ${row}]\n`).join(''));
    const reporters = ['--reporter', 'list', '--reporter', 'junit'];
    const run = tests('--run', 'once', '--workers', '3', '--record', 'failed', ...reporters);
    const client = new Redis(redis.url);
    try {
      const kill = async (title: string, how: 'kill' | 'interrupt'): Promise<void> => {
        const { unit, worker } = await begun(client, title);
        started['abc'.indexOf(worker)][how]();
        if (how === 'interrupt') return;
        // As if the time of its lock were over.
        const job = Buffer.from(unit).toString('base64url');
        await client.del(`sipflow:queue:tests-once:${job}:lock`);
      };
      await Promise.all([kill('lasts', 'kill'), kill('lasts too', 'interrupt')]);
      assert.equal(await run.code, 1, run.out + run.err);
    } finally {
      client.disconnect();
    }
    const { verdicts } = reportOf();
    assert.deepEqual(outcomes(verdicts), [
      ['lasts', undefined, 'flaky', ['WORKER_LOST', undefined]],
      ['lasts too', undefined, 'flaky', ['WORKER_LOST', undefined]],
      ['is answered', undefined, 'passed', [undefined]],
      ['wrong codec', undefined, 'failed', ['CHECK_FAILED']],
      ['rows', 1, 'passed', [undefined]],
      ['rows', 2, 'passed', [undefined]],
    ]);
    assert.deepEqual(
      verdicts[0].attempts.map(({ test }) => test.attempt),
      [1, 2],
    );
    assert.match(run.out, /± flow\.json › lasts .*2 attempts/);
    assert.match(run.out, /attempt 1: Worker . \(.*\) was lost while it ran this/);
    assert.match(run.out, /attempt 1: Worker . \(.*\) was told to end while it ran this/);
    const junit = readFileSync(join(folder, 'sipflow-results/junit.xml'), 'utf8');
    assert.match(junit, /<flakyFailure [^>]*WORKER_LOST/);
    const calls = verdicts.flatMap(({ attempts }) => attempts.flatMap((attempt) => attempt.calls));
    const recordings = calls.flatMap((each) => each.recordings);
    assert.ok(recordings.length > 0);
    for (const file of recordings) assert.ok(existsSync(join(folder, 'sipflow-results', file)), file);
  });

  /** A case once a worker has begun it: its key, and the name of the worker. */
  async function begun(client: Redis, title: string): Promise<{ unit: string; worker: string }> {
    const id = mixedFlow().nodes.find((node) => node.title === title)?.id;
    const unit = JSON.stringify(['flow.json', id, null]);
    for (;;) {
      const text = await client.hget('sipflow:run:once:tests:tries', unit);
      const [, worker] = /Worker (\w)/.exec(text ?? '') ?? [];
      if (worker) return { unit, worker };
      await setTimeout(50);
    }
  }
});
