import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadReport } from '../../lib/load';
import { CommandRun } from '../support/command-run';
import { call, END, expect, FlowBuilder, HANG_UP } from './support/flow-builder';
import { hasRedis, TestRedis } from './support/redis';

const PASSWORD = 'rosebud';

function answeredFlow(): FlowBuilder {
  const flow = new FlowBuilder();
  const caller = flow.phone('1001');
  flow.answering('1002');
  flow.testCase('is answered', { timeout: '20' }, [
    call(caller, '1002'),
    expect(['answered', 'is', true]),
    HANG_UP,
    END,
  ]);
  return flow;
}

describe('a fleet', function () {
  this.timeout(120_000);
  let folder: string;
  let redis: TestRedis;
  let running: CommandRun[];

  before(async function () {
    if (!hasRedis()) this.skip();
    redis = await TestRedis.start('--requirepass', PASSWORD);
  });
  after(() => redis?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-fleet-'));
    writeFileSync(join(folder, 'flow.json'), JSON.stringify(answeredFlow().nodes));
    running = [];
  });
  afterEach(async () => {
    for (const each of running) each.interrupt();
    await Promise.all(running.map(({ code }) => code));
    rmSync(folder, { recursive: true, force: true });
  });

  function command(...args: string[]): CommandRun {
    return commandWith({ SIPFLOW_REDIS_PASSWORD: PASSWORD }, ...args);
  }

  function commandWith(env: Record<string, string>, ...args: string[]): CommandRun {
    const run = new CommandRun(args, { cwd: folder, env: { CI: '1', ...env } });
    running.push(run);
    return run;
  }

  async function workers(...names: string[]): Promise<CommandRun[]> {
    const started = names.map((name) => command('worker', '--queue', redis.url, '--name', name));
    await Promise.all(started.map((worker) => worker.prints(/waits for runs/)));
    return started;
  }

  function load(...args: string[]): CommandRun {
    return command('load', 'flow.json', '--queue', redis.url, '--report', 'report.json', ...args);
  }

  function report(): LoadReport {
    return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as LoadReport;
  }

  it('says what is wrong with its options, its Redis and its workers', async () => {
    const stages = ['--stages', '1/s for 1s'];
    const wrong: [run: CommandRun, sentence: RegExp][] = [
      [command('worker'), /--queue redis:\/\/host/],
      [command('worker', '--queue', 'http://host'), /such as redis:\/\/host/],
      [
        command('worker', '--queue', 'redis://127.0.0.1:1'),
        /Redis at 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/,
      ],
      [
        commandWith({ SIPFLOW_REDIS_PASSWORD: 'wrong' }, 'worker', '--queue', redis.url),
        /refuses the password/,
      ],
      [commandWith({}, 'worker', '--queue', redis.url), /wants a password: set SIPFLOW_REDIS_PASSWORD/],
      [command('worker', '--queue', redis.url, '--name', 'a b'), /letters, digits/],
      [command('worker', '--queue', redis.url, '--labels', 'site'), /site=berlin/],
      [load(...stages, '--shard', '1/2'), /--shard is of no use with --queue/],
      [load(...stages, '--with', 'none'), /no file none beside the flow/],
      [load(...stages), /The run needs a worker, and 0 can be had/],
    ];
    const codes = await Promise.all(wrong.map(([run]) => run.code));
    for (const [index, [run, sentence]] of wrong.entries()) {
      assert.match(run.err, sentence);
      assert.equal(codes[index], 2, run.err);
    }
  });

  it('shares a load: each start once, all of them told, by worker', async () => {
    await workers('a', 'b');
    const run = load('--workers', '2', '--stages', '4/s to 8/s for 11s');
    const code = await run.code;
    const { figures, workers: told = [], lostStarts, plan, status } = report();
    assert.equal(figures.counters.started + figures.counters.leftOut, 66, run.out + run.err);
    assert.equal(lostStarts, undefined);
    assert.equal(plan.shards, 2);
    assert.deepEqual(
      told.map(({ name, state }) => [name, state]),
      [
        ['a', 'finished'],
        ['b', 'finished'],
      ],
    );
    for (const { started, leftOut } of told) assert.equal(started + leftOut, 33);
    // A machine that is busy with other tests judges nothing.
    assert.ok(code === 0 || (code === 3 && status === 'not-judged'), run.out + run.err);
    assert.match(run.out, /Workers\n.*a.*started/);
    assert.ok(!JSON.stringify(report()).includes(PASSWORD));
  });
});
