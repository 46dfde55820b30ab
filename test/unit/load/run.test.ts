import assert from 'node:assert/strict';
import {
  LoadRun,
  mergeLoadReports,
  parseThreshold,
  usualCalls,
  type LoadPlan,
  type LoadReport,
} from '../../../lib/load';
import { TEST_LIMITS } from '../../../lib/testing';
import { FakeClock } from '../../support/fake-clock';
import { answered, pass, planOf, PlayedHost, refused } from './support';

type Play = ConstructorParameters<typeof PlayedHost>[1];

const QUICK: Play = () => ({ afterMs: 20, outcome: answered(20) });

/** Runs a plan on a clock of its own for so many seconds, which must be enough. */
async function played(
  plan: LoadPlan,
  play: Play,
  seconds: number,
  meanwhile?: (host: PlayedHost, run: LoadRun) => void,
): Promise<{ report: LoadReport; host: PlayedHost; clock: FakeClock }> {
  const clock = new FakeClock();
  const host = new PlayedHost(clock, play);
  const run = new LoadRun(plan, host, clock);
  let report: LoadReport | undefined;
  void run.run().then((done) => (report = done));
  meanwhile?.(host, run);
  await pass(clock, seconds * 1000);
  assert.ok(report, 'the run is over');
  return { report, host, clock };
}

describe('a load run', () => {
  it('starts by the schedule, however slow the system is', async () => {
    const slow: Play = () => ({ afterMs: 3000, outcome: answered(3000) });
    const { report, host, clock } = await played(planOf('10/s for 5s'), slow, 10);
    assert.equal(host.starts.length, 50);
    for (const [index, { atMs, number }] of host.starts.entries()) {
      assert.equal(number, index);
      assert.ok(Math.abs(atMs - index * 100) <= 10, `start ${index} at ${atMs}`);
    }
    assert.equal(host.most, 30);
    assert.deepEqual(
      [report.status, report.end.reason, report.stages[0].verdict.kind],
      ['passed', 'completed', 'judged'],
    );
    assert.equal(report.figures.counters.passed, 50);
    assert.equal(host.ended, 1);
    // The cases' own; the run has none left.
    assert.equal(clock.pending, 0);
  });

  it('tells each second', async () => {
    const { host, report } = await played(planOf('10/s for 2s, 20/s for 2s'), QUICK, 6);
    assert.deepEqual(
      host.samples.slice(0, 4).map(({ atMs, stage, started }) => ({ atMs, stage, started })),
      [
        { atMs: 0, stage: 0, started: 10 },
        { atMs: 1000, stage: 0, started: 10 },
        { atMs: 2000, stage: 1, started: 20 },
        { atMs: 3000, stage: 1, started: 20 },
      ],
    );
    assert.ok(report.samples.length >= 4);
  });

  it('leaves out what is beyond its calls at once, and is not judged for it', async () => {
    const slow: Play = () => ({ afterMs: 10_000, outcome: answered(10) });
    const { report, host } = await played(planOf('10/s for 5s', { maxCalls: 20 }), slow, 20);
    assert.deepEqual([host.starts.length, host.most], [20, 20]);
    assert.equal(report.figures.counters.leftOut, 30);
    assert.deepEqual([report.status, report.stages[0].verdict.kind], ['not-judged', 'generator-limited']);
    assert.match(
      report.stages[0].verdict.reasons[0],
      /60 % of the planned starts .*: 20 cases were under way, as many as may be at once\./,
    );
  });

  it('has room for the cases of a system that has died, where nothing says how many there may be', async () => {
    const timeout = 10;
    const dead: Play = () => ({
      afterMs: timeout * 1000 + TEST_LIMITS.concludeMs,
      outcome: { status: 'failed', cause: 'TEST_TIMEOUT', calls: [] },
    });
    const plan = planOf('10/s for 20s');
    const { report } = await played({ ...plan, maxCalls: usualCalls(plan.stages, timeout) }, dead, 40);
    assert.equal(report.figures.counters.leftOut, 0);
    assert.equal(report.stages[0].verdict.kind, 'judged');
  });

  it('keeps a number of calls going', async () => {
    const half: Play = () => ({ afterMs: 500, outcome: answered(20) });
    const { report, host } = await played(planOf('5 calls for 4s'), half, 6);
    assert.equal(host.most, 5);
    assert.ok(host.starts.length >= 38 && host.starts.length <= 40, String(host.starts.length));
    assert.equal(report.figures.counters.passed, host.starts.length);
  });

  it('keeps no more than that going while cases of the stage before still run, and leaves none out', async () => {
    const slow: Play = ({ stage }) => ({ afterMs: stage === 0 ? 2000 : 500, outcome: answered(20) });
    const { report, host } = await played(planOf('5/s for 1s, 5 calls for 4s', { maxCalls: 5 }), slow, 7);
    assert.equal(host.most, 5);
    assert.equal(report.figures.counters.leftOut, 0);
    assert.equal(report.status, 'passed');
    const second = host.starts.filter(({ stage }) => stage === 1);
    assert.ok(second.length >= 20 && second.length <= 30, String(second.length));
    assert.ok(second[0].atMs >= 2000, 'the first one ends after two seconds');
  });

  it('ends after a total', async () => {
    const { report, host } = await played(planOf('10/s for 60s', { total: 25 }), QUICK, 4);
    assert.deepEqual([host.starts.length, report.end.reason], [25, 'completed']);
  });

  it('does not start when its first case fails', async () => {
    const { report, host } = await played(
      planOf('10/s for 5s', { probe: true }),
      () => ({ afterMs: 5, outcome: refused(404) }),
      1,
    );
    assert.equal(host.starts.length, 1);
    assert.equal(host.starts[0].probe, true);
    assert.deepEqual([report.status, report.end.reason], ['failed', 'probe-failed']);
    assert.match(report.end.message ?? '', /404/);
  });

  it('ends by a rule that is not met, but not before its time', async () => {
    const failing: Play = () => ({ afterMs: 5, outcome: refused(503) });
    const abortRules = [parseThreshold('failed < 10% after 3s')];
    const { report, host } = await played(planOf('10/s for 60s', { abortRules }), failing, 6);
    assert.deepEqual([report.status, report.end.reason], ['failed', 'aborted']);
    assert.ok(host.starts.length >= 30 && host.starts.length <= 41, String(host.starts.length));
    assert.match(report.end.message ?? '', /failed < 10% after 3s.*100/);
  });

  it('is interrupted: nothing more starts, and the calls are ended', async () => {
    const slow: Play = () => ({ afterMs: 5000, outcome: answered(20) });
    const { report, host, clock } = await played(
      planOf('10/s for 60s, 3 calls for 60s'),
      slow,
      8,
      (_, run) => {
        setImmediate(() => run.stop());
      },
    );
    assert.equal(report.end.reason, 'interrupted');
    assert.equal(host.ended, 1);
    assert.ok(host.starts.length <= 2);
    assert.equal(clock.pending, 0);
  });

  it('waits no longer than its grace for cases that never end', async () => {
    const never: Play = () => ({ afterMs: 3_600_000, outcome: answered(20) });
    const { report, host } = await played(planOf('10/s for 1s', { graceSeconds: 5 }), never, 8);
    assert.deepEqual([host.starts.length, report.figures.counters.started, host.ended], [10, 10, 1]);
  });

  it('judges thresholds without the warm-up', async () => {
    const thresholds = [parseThreshold('failed < 1%')];
    const coldStart: Play = ({ stage }) => ({
      afterMs: 5,
      outcome: stage === 0 ? refused(503) : answered(20),
    });
    const { report } = await played(planOf('warm-up 10/s for 2s, 10/s for 2s', { thresholds }), coldStart, 6);
    assert.deepEqual([report.status, report.figures.counters.failed], ['passed', 0]);
    assert.equal(report.stages[0].figures.counters.failed, 20);
  });

  it('a host that breaks is a failed case', async () => {
    const { report } = await played(
      planOf('10/s for 1s'),
      () => {
        throw new Error('broken');
      },
      3,
    );
    assert.deepEqual(report.figures.causes, { INTERNAL: 10 });
  });

  it('three shards add up to the whole, with the rows of the whole', async () => {
    const stages = '5/s to 20/s for 6s';
    const play: Play = ({ number }) => ({
      afterMs: 20,
      outcome: number % 7 === 0 ? refused(486) : answered(number),
    });
    const more = { rows: 9, rowsOrder: 'random', seed: 5 } as const;
    const whole = await played(planOf(stages, more), play, 9);
    const shards = await Promise.all(
      [0, 1, 2].map((index) => played(planOf(stages, { ...more, shard: { index, count: 3 } }), play, 9)),
    );
    const rowsOf = ({ host }: typeof whole) => host.starts.map(({ number, row }) => `${number}:${row}`);
    assert.deepEqual(shards.flatMap(rowsOf).sort(), rowsOf(whole).sort());
    const merged = mergeLoadReports(shards.map(({ report }) => report));
    assert.deepEqual(merged.figures.counters, whole.report.figures.counters);
    assert.deepEqual(merged.figures.distributions.setup, whole.report.figures.distributions.setup);
    assert.deepEqual(merged.shards, [0, 1, 2]);
    assert.throws(
      () => mergeLoadReports([shards[0].report, shards[0].report]),
      /Shard 1 of 3 is there twice/,
    );
    assert.throws(() => mergeLoadReports([shards[0].report, whole.report]), {
      code: 'BAD_REPORT',
      message: /different/,
    });
  });

  const nonsense: [what: string, plan: Partial<LoadPlan>, field: string][] = [
    ['no calls at once', { maxCalls: 0 }, 'maxCalls'],
    ['half a total', { total: 0.5 }, 'total'],
    ['a shard that is none', { shard: { index: 3, count: 3 } }, 'shard'],
    ['too few rows', { rows: 3, rowsOrder: 'unique' }, 'rowsOrder'],
    ['a negative seed', { seed: -1 }, 'seed'],
  ];
  for (const [what, more, field] of nonsense) {
    it(`refuses ${what}`, () => {
      const clock = new FakeClock();
      assert.throws(() => new LoadRun(planOf('10/s for 1s', more), new PlayedHost(clock, QUICK), clock), {
        code: 'BAD_CONFIG',
        field,
      });
    });
  }
});
