import assert from 'node:assert/strict';
import {
  isLoadReport,
  LoadRun,
  lostReport,
  mergeLoadReports,
  parseLoadReport,
  startsOfShard,
  type LoadReport,
} from '../../../lib/load';
import { FakeClock } from '../../support/fake-clock';
import { answered, pass, planOf, PlayedHost } from './support';

/** The report of a run of 10 s, or of what was known of it after some seconds. */
async function report(seconds = 12): Promise<LoadReport> {
  const clock = new FakeClock();
  const host = new PlayedHost(clock, () => ({ afterMs: 100, outcome: answered(20) }));
  const run = new LoadRun(planOf('10/s for 10s'), host, clock);
  void run.run();
  await pass(clock, seconds * 1000, 50);
  const soFar = run.soFar;
  run.stop();
  return soFar;
}

describe('the report of a load that is read', () => {
  it('is the one that was written', async () => {
    const written = await report();
    const text = JSON.stringify(written);
    assert.ok(isLoadReport(text));
    assert.deepEqual(parseLoadReport(text, 'load.json'), JSON.parse(text));
  });

  it('is refused when it is cut off, of another kind, or has figures that are none', async () => {
    const written = JSON.parse(JSON.stringify(await report())) as LoadReport;
    const spoilt = (change: (report: LoadReport) => void): string => {
      const copy = structuredClone(written);
      change(copy);
      return JSON.stringify(copy);
    };
    const wrong: [text: string, sentence: RegExp][] = [
      [JSON.stringify(written).slice(0, 500), /"x\.json" is no report of a load .* no JSON/],
      ['[]', /no object/],
      ['{"format":"sipflow-report/1"}', /"format" is not/],
      [spoilt((each) => (each.figures.counters.started = -1)), /"figures"/],
      [spoilt((each) => (each.figures.distributions.setup.counts = { x: 1 })), /"figures"/],
      [spoilt((each) => Object.assign(each.stages[0], { verdict: null })), /"stages"/],
      [spoilt((each) => Object.assign(each, { shards: 'all' })), /"shards"/],
      [spoilt((each) => Object.assign(each.plan, { expect: [1] })), /"plan"/],
      [spoilt((each) => Object.assign(each, { failures: [{}] })), /"failures"/],
    ];
    for (const [text, sentence] of wrong) assert.throws(() => parseLoadReport(text, 'x.json'), sentence);
  });
});

describe('reasons in a merged report', () => {
  it('name the shards that gave them, once, however often reports are merged', async () => {
    const whole = await report(2);
    const shard = (index: number, ...reasons: string[]): LoadReport => {
      const kind = reasons.length > 0 ? 'generator-limited' : 'judged';
      const stages = whole.stages.map((stage) => ({ ...stage, verdict: { kind, reasons } as const }));
      return { ...whole, stages, shards: [index], plan: { ...whole.plan, shards: 4 } };
    };
    const reasonsOf = (...reports: LoadReport[]): string[] =>
      mergeLoadReports(reports).stages[0].verdict.reasons;
    const [one, two] = [shard(0), shard(1, 'Late.', 'Busy.')];
    const [three, four] = [shard(2, 'Late.'), shard(3, 'Dropped.')];
    const first = mergeLoadReports([two, one]);
    assert.deepEqual(first.stages[0].verdict.reasons, ['Shard 2 of 4: Late.', 'Shard 2 of 4: Busy.']);
    assert.deepEqual(reasonsOf(four, first), [
      'Shard 4 of 4: Dropped.',
      'Shard 2 of 4: Late.',
      'Shard 2 of 4: Busy.',
    ]);
    assert.deepEqual(reasonsOf(three, two), ['Shards 2, 3 of 4: Late.', 'Shard 2 of 4: Busy.']);
    assert.deepEqual(reasonsOf(four), ['Dropped.'], 'alone there is nobody to tell it from');
  });
});

describe('the report of a process that is gone', () => {
  it('has as lost what was planned and is not known, and is not judged beyond one in a hundred', async () => {
    const lost = lostReport(await report(4), 100, 'The process has ended.');
    const { started } = lost.figures.counters;
    assert.ok(started >= 39 && started <= 41, `${started}`);
    assert.equal(lost.lostStarts, 100 - started);
    assert.deepEqual([lost.status, lost.end.reason], ['not-judged', 'process-lost']);
    const late = lostReport(await report(), 100, 'The process has ended.');
    assert.deepEqual([late.status, late.lostStarts], ['passed', undefined]);
  });

  it('counts in the report of all', async () => {
    const shard = async (index: number, seconds: number): Promise<LoadReport> => {
      const one = await report(seconds);
      return { ...one, shards: [index], plan: { ...one.plan, shards: 2 } };
    };
    const whole = await shard(0, 12);
    const merged = mergeLoadReports([whole, lostReport(await shard(1, 5), 100, 'It has ended.')]);
    assert.equal(merged.figures.counters.started + (merged.lostStarts ?? 0), 200);
    assert.deepEqual([merged.status, merged.end.reason], ['not-judged', 'process-lost']);
  });

  it('had as many starts as its shard plans', () => {
    const { stages } = planOf('10/s for 1s, 3 calls for 1s, 5/s for 1s');
    const counts = [0, 1, 2, 3].map((index) => startsOfShard(stages, { index, count: 4 }));
    assert.deepEqual(counts, [4, 4, 4, 3]);
    assert.equal(startsOfShard(stages, { index: 0, count: 4 }, 6), 2);
  });
});
