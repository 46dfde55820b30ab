import assert from 'node:assert/strict';
import {
  emptyLoadReport,
  fleetReport,
  LoadRun,
  parseStages,
  SliceLedger,
  type GivenSlice,
  type LoadReport,
  type WorkerEnd,
} from '../../../lib/load';
import { countOfSlice, lengthOfRun, startsOfSlice } from '../../../lib/load/slices';
import { schedule } from '../../../lib/load/schedule';
import { FakeClock } from '../../support/fake-clock';
import { answered, pass, planOf, PlayedHost } from './support';

const STAGES = '0/s to 40/s for 7s, 5/s for 3s, 40/s to 10/s for 6s';

/** Everything that a ledger hands out to these slots. */
function handedOut(ledger: SliceLedger, slots: readonly number[]): GivenSlice[] {
  const given: GivenSlice[] = [];
  while (ledger.nextMs !== undefined) given.push(...ledger.give(slots));
  return given;
}

/** A worker that takes its slices as they are due. */
class PlayedWorker {
  readonly clock: FakeClock;
  readonly host: PlayedHost;
  readonly run: LoadRun;
  report: LoadReport | undefined;

  constructor(stages: string, slot: number, count: number, beginAt: number) {
    this.clock = new FakeClock();
    this.host = new PlayedHost(this.clock, () => ({ afterMs: 20, outcome: answered(20) }));
    const plan = planOf(stages, { sliced: true, shard: { index: slot, count } });
    const host = Object.assign(this.host, { ready: () => Promise.resolve(this.clock.wallNow() + beginAt) });
    this.run = new LoadRun(plan, host, this.clock);
    void this.run.run().then((report) => (this.report = report));
  }

  get numbers(): number[] {
    return this.host.starts.map(({ number }) => number);
  }
}

describe('slices of a load', () => {
  it('are the schedule, each start once, whoever gets them and however that changes', () => {
    const stages = parseStages(STAGES);
    const planned = [...schedule(stages)];
    const ledger = new SliceLedger(stages, 100);
    const given = [...ledger.give([0, 1, 2]), ...ledger.give([0, 2]), ...handedOut(ledger, [1])];
    const starts = given.flatMap(({ slice }) => [...startsOfSlice(stages, slice)]);
    starts.sort((a, b) => a.number - b.number);
    assert.deepEqual(starts, planned);
    for (const { slice } of given) {
      assert.equal(countOfSlice(stages, slice), [...startsOfSlice(stages, slice)].length);
      for (const { atMs } of startsOfSlice(stages, slice)) {
        assert.ok(atMs >= slice.fromMs && atMs < slice.toMs, `${atMs} of ${slice.fromMs} to ${slice.toMs}`);
      }
    }
    assert.deepEqual(
      given.map(({ slice }) => slice.last),
      [...Array<boolean>(given.length - 1).fill(false), true],
    );
  });

  it('end with the total', () => {
    const stages = parseStages('10/s for 60s');
    const ledger = new SliceLedger(stages, 100, 75);
    assert.equal(Math.round(lengthOfRun(stages, 75)), 7401);
    const starts = handedOut(ledger, [0, 1]).flatMap(({ slice }) => [...startsOfSlice(stages, slice, 75)]);
    assert.equal(starts.length, 75);
  });

  it('are counted as lost as far as no report has them, and as held back when nobody got them', () => {
    const stages = parseStages('10/s for 20s');
    const ledger = new SliceLedger(stages, 100);
    ledger.give([0, 1]);
    ledger.give([]);
    ledger.give([0, 1]);
    ledger.give([1]);
    const plan = planOf('10/s for 20s', { shard: { index: 0, count: 2 } });
    const report = emptyLoadReport(plan);
    report.stages[0].figures.counters.started = 30;
    report.stages[0].figures.counters.leftOut = 5;
    assert.equal(ledger.heldBack(), 50);
    assert.equal(ledger.lost(0, report), 15);
    assert.equal(ledger.lost(1, undefined), 100);
    assert.equal(ledger.lost(1, undefined, 12_000), 25 + 10);
  });

  it('are run by a worker at their times, also when one was not for it', async () => {
    const worker = new PlayedWorker('10/s for 20s', 1, 2, 100);
    const ledger = new SliceLedger(parseStages('10/s for 20s'), 100);
    const slices = [ledger.give([0, 1]), ledger.give([0]), ledger.give([0, 1]), ledger.give([0, 1])].map(
      (given) => given.find(({ slot }) => slot === 1),
    );
    const over: number[] = [];
    Object.assign(worker.host, { sliceOver: ({ number }: { number: number }) => over.push(number) });
    for (const [index, given] of slices.entries()) {
      if (given) worker.run.grant(given.slice);
      await pass(worker.clock, index === 3 ? 6500 : 5000);
    }
    assert.deepEqual(worker.numbers.slice(0, 3), [1, 3, 5]);
    assert.deepEqual(worker.numbers.slice(24, 27), [49, 101, 103]);
    assert.equal(worker.numbers.length, 75);
    // The last one ends with the run.
    assert.deepEqual(over, [0, 2]);
    assert.equal(worker.report?.figures.counters.started, 75);
    assert.equal(worker.report?.figures.counters.leftOut, 0);
    assert.equal(worker.report?.status, 'passed');
  });

  it('that come when they are over are dropped, not made up for', async () => {
    const worker = new PlayedWorker('10/s for 20s', 0, 1, 0);
    const ledger = new SliceLedger(parseStages('10/s for 20s'), 100);
    const [first, second, third, fourth] = handedOut(ledger, [0]).map(({ slice }) => slice);
    worker.run.grant(first);
    await pass(worker.clock, 12_000);
    worker.run.grant(second);
    worker.run.grant(third);
    worker.run.grant(fourth);
    await pass(worker.clock, 10_000);
    const { started, leftOut } = worker.report?.figures.counters ?? { started: 0, leftOut: 0 };
    assert.equal(ledger.lost(0, worker.report), 50);
    assert.equal(started + leftOut, 150);
    // What is more than a second late and belongs to a slice that runs.
    assert.ok(leftOut >= 9 && leftOut <= 11, String(leftOut));
  });

  it('keep up a number of calls only in slices that were given', async () => {
    const clock = new FakeClock();
    const host = new PlayedHost(clock, () => ({ afterMs: 500, outcome: answered(20) }));
    const stages = '4 calls for 15s';
    const run = new LoadRun(planOf(stages, { sliced: true }), host, clock);
    let report: LoadReport | undefined;
    void run.run().then((ended) => (report = ended));
    const ledger = new SliceLedger(parseStages(stages), 4);
    run.grant(ledger.give([0])[0].slice);
    ledger.give([]);
    for (const { slice } of handedOut(ledger, [0])) run.grant(slice);
    await pass(clock, 17_000);
    assert.equal(host.most, 4);
    const times = host.starts.map(({ atMs }) => atMs);
    assert.ok(!times.some((ms) => ms > 5100 && ms < 9900));
    assert.ok(times.some((ms) => ms > 10_000));
    assert.ok(report);
  });

  it('keep up the calls of a machine that is lost, from the next slice on', async () => {
    const stages = '6 calls for 20s';
    const ledger = new SliceLedger(parseStages(stages), 6);
    const given = [ledger.give([0, 1, 2]), ledger.give([0, 1, 2]), ledger.give([0, 2]), ledger.give([2])];
    const clock = new FakeClock();
    const host = new PlayedHost(clock, () => ({ afterMs: 500, outcome: answered(20) }));
    const run = new LoadRun(planOf(stages, { sliced: true, shard: { index: 2, count: 3 } }), host, clock);
    let report: LoadReport | undefined;
    void run.run().then((ended) => (report = ended));
    const most: number[] = [];
    for (const slices of given) {
      const own = slices.find(({ slot }) => slot === 2);
      if (own) run.grant(own.slice);
      host.most = 0;
      await pass(clock, 5000);
      most.push(host.most);
    }
    await pass(clock, 1000);
    assert.deepEqual(most, [2, 2, 3, 6]);
    const numbers = host.starts.map(({ number }) => number);
    assert.equal(new Set(numbers).size, numbers.length);
    assert.ok(numbers.every((number) => number % 3 === 2));
    assert.equal(report?.figures.counters.leftOut, 0);
    // The second was heard of for 7 s.
    assert.equal(ledger.missingCallSeconds(1, 7000), 3 * 2);
    assert.equal(ledger.missingCallSeconds(2, 20_000), 0);
    assert.equal(ledger.missingCallSeconds(undefined), 0);
  });

  it('say which calls were not kept up: no room for them, or a slice that came too late', async () => {
    const clock = new FakeClock();
    const host = new PlayedHost(clock, () => ({ afterMs: 500, outcome: answered(20) }));
    const stages = '6 calls for 15s';
    const run = new LoadRun(planOf(stages, { sliced: true, maxCalls: 6 }), host, clock);
    let report: LoadReport | undefined;
    void run.run().then((ended) => (report = ended));
    const ledger = new SliceLedger(parseStages(stages), 4);
    const [first, second, third] = handedOut(ledger, [0]).map(({ slice }) => slice);
    run.grant(first);
    await pass(clock, 11_000);
    assert.equal(host.most, 4);
    assert.equal(run.soFar.figures.counters.leftOut, 2);
    run.grant(second);
    assert.equal(run.soFar.figures.counters.leftOut, 2 + 6);
    run.grant(third);
    await pass(clock, 5000);
    assert.equal(report?.status, 'not-judged');
  });
});

describe('the report of a fleet', () => {
  const NOTHING = { starts: 0, callSeconds: 0 };
  const plan = (slot: number): ReturnType<typeof planOf> =>
    planOf('10/s for 10s', { shard: { index: slot, count: 2 } });

  function end(name: string, slot: number, some: Partial<WorkerEnd>): WorkerEnd {
    const report = emptyLoadReport(plan(slot));
    for (const figures of [report.stages[0].figures, report.figures]) {
      Object.assign(figures.counters, { started: 50, passed: 50 });
    }
    return {
      name,
      host: 'h',
      state: 'finished',
      clockOffsetMs: 0,
      report,
      lostStarts: 0,
      lostCallSeconds: 0,
      ...some,
    };
  }

  it('names each worker, and what was lost with one; its cases under way count as broken off', () => {
    const lost = end('b', 1, { state: 'lost', lostStarts: 30, message: 'Worker b was lost.' });
    for (const figures of [lost.report?.stages[0].figures, lost.report?.figures]) {
      Object.assign(figures?.counters ?? {}, { started: 20, passed: 17 });
    }
    const report = fleetReport([end('a', 0, {}), lost], NOTHING, emptyLoadReport(plan(0)));
    assert.deepEqual(report.figures.counters.started + (report.lostStarts ?? 0), 100);
    assert.equal(report.figures.counters.stopped, 3);
    assert.deepEqual(report.end, { reason: 'process-lost', message: 'Worker b was lost.' });
    assert.equal(report.status, 'not-judged');
    assert.deepEqual(
      report.workers?.map(({ name, state, started, lostStarts }) => [name, state, started, lostStarts]),
      [
        ['a', 'finished', 50, 0],
        ['b', 'lost', 20, 30],
      ],
    );
  });

  it('tells of calls that were not kept up, and is not judged when those are more than next to nothing', () => {
    const calls = (slot: number): LoadReport =>
      emptyLoadReport(planOf('10 calls for 100s', { shard: { index: slot, count: 2 } }));
    const ends = (lostCallSeconds: number): WorkerEnd[] => [
      end('a', 0, { report: calls(0) }),
      end('b', 1, { report: calls(1), state: 'lost', lostCallSeconds }),
    ];
    const few = fleetReport(ends(9), NOTHING, calls(0));
    assert.deepEqual([few.status, few.lostCallSeconds, few.workers?.[1].lostCallSeconds], ['passed', 9, 9]);
    const many = fleetReport(ends(9), { starts: 0, callSeconds: 2 }, calls(0));
    assert.deepEqual([many.status, many.lostCallSeconds], ['not-judged', 11]);
    assert.equal(fleetReport(ends(0), NOTHING, calls(0)).lostCallSeconds, undefined);
  });

  it('is judged when next to nothing was lost, and not when nobody told anything', () => {
    const one = fleetReport(
      [end('a', 0, {}), end('b', 1, { lostStarts: 1 })],
      NOTHING,
      emptyLoadReport(plan(0)),
    );
    assert.deepEqual([one.status, one.lostStarts], ['passed', 1]);
    const none = fleetReport(
      [end('a', 0, { report: undefined, lostStarts: 50, state: 'lost' })],
      { starts: 50, callSeconds: 0 },
      emptyLoadReport(plan(0)),
    );
    assert.deepEqual([none.status, none.lostStarts], ['not-judged', 100]);
  });
});
