import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RunLock } from '../../cli/fleet/run-lock';
import { KEYS, type WorkerState } from '../../cli/fleet/state';
import type { LoadReport } from '../../lib/load';
import { createSelfSigned } from '../../lib/sip';
import { version } from '../../package.json';
import { CommandRun } from '../support/command-run';
import { call, END, expect, FlowBuilder, HANG_UP } from './support/flow-builder';
import { hasRedis, TestRedis } from './support/redis';

/** A case whose call is answered, with steps between that and its end. */
function flowWith(...steps: readonly object[]): string {
  const flow = new FlowBuilder();
  const caller = flow.phone('1001');
  flow.answering('1002');
  const then = [call(caller, '1002'), expect(['answered', 'is', true]), ...steps, HANG_UP, END];
  flow.testCase('is answered', { timeout: '20' }, then);
  return JSON.stringify(flow.nodes);
}

describe('a fleet that meets trouble, over TLS', function () {
  this.timeout(120_000);
  const certificate = createSelfSigned();
  let folder: string;
  let redis: TestRedis;
  let client: Redis;
  let running: CommandRun[];

  before(async function () {
    if (!hasRedis()) this.skip();
    redis = await TestRedis.startSecure(certificate);
    client = new Redis(redis.url, { tls: { ca: certificate.cert } });
  });
  after(async () => {
    client?.disconnect();
    await redis?.close();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sipflow-fleet-'));
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    running = [];
  });
  afterEach(async () => {
    for (const each of running) each.interrupt();
    await Promise.all(running.map(({ code }) => code));
    rmSync(folder, { recursive: true, force: true });
  });

  function command(...args: string[]): CommandRun {
    const queue = ['--queue', redis.url, '--queue-ca', 'ca.pem'];
    const run = new CommandRun([...args, ...queue], { cwd: folder, env: { CI: '1' } });
    running.push(run);
    return run;
  }

  async function worker(name: string): Promise<CommandRun> {
    const run = command('worker', '--name', name);
    await run.prints(/waits for runs/);
    return run;
  }

  it('does not start with a worker of another version, or one that lacks a voice', async () => {
    writeFileSync(join(folder, 'flow.json'), flowWith());
    const speaks = { type: 'sip-play-audio', source: 'say(xx-none):hello', sourceType: 'str' };
    writeFileSync(join(folder, 'speaks.json'), flowWith(speaks));
    const stages = ['--stages', '1/s for 1s'];
    const [seconds] = await client.time();
    const old = { name: 'old', token: 't', version: '0.0.1', phase: 'idle', labels: {} };
    const state: Partial<WorkerState> = { ...(old as WorkerState), at: (Number(seconds) + 60) * 1000 };
    await client.sadd(KEYS.workers, 'old');
    await client.set(KEYS.worker('old'), JSON.stringify(state), 'PX', 60_000);
    const early = command('load', 'flow.json', '--labels', 'site=nowhere', ...stages);
    await worker('a');
    const voiceless = command('load', 'speaks.json', '--workers', '1', ...stages);
    assert.equal(await early.code, 2, early.err);
    assert.match(
      early.err,
      new RegExp(`Worker old has version 0\\.0\\.1, and this command version ${version}`),
    );
    assert.equal(await voiceless.code, 2, voiceless.err);
    assert.match(voiceless.err, /Worker a: This machine lacks what the run needs\. Voice xx-none: /);
    await client.del(KEYS.worker('old'));
  });

  it('gives a run to one command at a time, also when the first was stopped for a while', async () => {
    const [first, second] = [new RunLock(client, 'one'), new RunLock(client, 'one')];
    const { signal } = new AbortController();
    await first.take(signal);
    await first.renew();
    // Nobody has renewed it for long enough.
    await client.del(KEYS.coordinator('one'));
    await second.take(signal);
    await assert.rejects(first.renew(), /Another command has taken over the run one\./);
    assert.deepEqual([await first.isLost(), await second.isLost()], [true, false]);
    await first.release();
    await second.renew();
    await second.release();
    assert.equal(await client.exists(KEYS.coordinator('one')), 0);
  });

  it('tells of a worker that was stopped, and of the calls that were missing', async () => {
    writeFileSync(join(folder, 'flow.json'), flowWith());
    const [, stopped] = await Promise.all([worker('a'), worker('b')]);
    const run = command(
      ...['load', 'flow.json', '--workers', '2', '--run', 'r', '--no-probe'],
      ...['--stages', '4 calls for 4s', '--report', 'report.json'],
    );
    while (!(await client.exists(KEYS.progress('r')))) await setTimeout(50);
    stopped.interrupt();
    assert.equal(await stopped.code, 130);
    assert.equal(await run.code, 3, run.out + run.err);
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as LoadReport;
    assert.deepEqual(
      report.workers?.map(({ name, state }) => [name, state]),
      [
        ['a', 'finished'],
        ['b', 'lost'],
      ],
    );
    assert.ok((report.lostCallSeconds ?? 0) > 0);
    assert.match(report.end.message ?? '', /^Worker b .* was lost: it was stopped, and ended its calls\./);
    assert.match(run.err, /Worker b .* was stopped/);
  });
});
