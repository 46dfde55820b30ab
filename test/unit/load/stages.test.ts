import assert from 'node:assert/strict';
import { parseDuration, parseStages, totalStarts } from '../../../lib/load';
import { callsOfShard, plannedStarts, schedule, startOffsetMs } from '../../../lib/load/schedule';
import { RowOrder } from '../../../lib/load/rows';

describe('the stages of a load run', () => {
  it('are rates, ramps and numbers of calls, in any unit', () => {
    assert.deepEqual(parseStages('10/s for 30s, 10/s to 100/s for 5m, 200 calls for 1h30m'), [
      { kind: 'rate', from: 10, to: 10, seconds: 30, warmUp: false, text: '10/s for 30s' },
      { kind: 'rate', from: 10, to: 100, seconds: 300, warmUp: false, text: '10/s to 100/s for 5m' },
      { kind: 'calls', calls: 200, seconds: 5400, warmUp: false, text: '200 calls for 1h30m' },
    ]);
    const [warmUp, slow] = parseStages('Warm-up 30/min for 10s, 0/s to 2.5/s for 0.5m');
    assert.deepEqual([warmUp.warmUp, warmUp.kind === 'rate' && warmUp.from], [true, 0.5]);
    assert.deepEqual(slow.kind === 'rate' && [slow.from, slow.to, slow.seconds], [0, 2.5, 30]);
  });

  const faults: [text: string, sentence: RegExp][] = [
    ['', /empty text/],
    [' , ', /a stage is like/],
    ['10/s', /"10\/s": a stage is like/],
    ['10 for 30s', /a stage is like/],
    ['10/s for ever', /a duration is like/],
    ['10/s for 30', /a duration is like/],
    ['10/s for 0s', /takes no time/],
    ['0/s for 30s', /has no calls/],
    ['0 calls for 30s', /has no calls/],
    ['-5/s for 30s', /a stage is like/],
    ['1000000/s for 1s', /no more than 100000 starts/],
    ['9999999 calls for 1s', /no more than 100000 calls/],
    ['1/s for 800h', /longer than 31 days/],
    ['warm-up 10/s for 30s', /all of it is warm-up/],
    [Array.from({ length: 101 }, () => '1/s for 1s').join(), /more than 100/],
    ['x'.repeat(5000), /more than 4000/],
  ];
  for (const [text, sentence] of faults) {
    it(`refuse ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => parseStages(text), { code: 'BAD_CONFIG', field: 'stages', message: sentence });
    });
  }

  it('durations', () => {
    assert.deepEqual(['90s', '1h 30m', '2min', '1.5m', '', '5', 's'].map(parseDuration), [
      90,
      5400,
      120,
      90,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the schedule of a load run', () => {
  const rate = (text: string) => {
    const [stage] = parseStages(text);
    assert.ok(stage.kind === 'rate');
    return stage;
  };

  it('is even at a constant rate', () => {
    const stage = rate('50/s for 2s');
    assert.equal(plannedStarts(stage), 100);
    for (let index = 0; index < 100; index++)
      assert.ok(Math.abs(startOffsetMs(stage, index) - index * 20) < 1e-6);
  });

  it('follows a ramp: until t there were as many starts as the area below it', () => {
    for (const text of [
      '10/s to 100/s for 60s',
      '100/s to 10/s for 60s',
      '0/s to 30/s for 20s',
      '30/s to 0/s for 20s',
    ]) {
      const stage = rate(text);
      const { from, to, seconds } = stage;
      const count = plannedStarts(stage);
      assert.equal(count, ((from + to) / 2) * seconds);
      let before = -1;
      for (let index = 0; index < count; index++) {
        const t = startOffsetMs(stage, index) / 1000;
        assert.ok(t > before && t < seconds, `${text}: start ${index} at ${t}`);
        const area = from * t + ((to - from) * t * t) / (2 * seconds);
        assert.ok(Math.abs(area - index) < 1e-6 * count, `${text}: ${area} starts at start ${index}`);
        before = t;
      }
    }
  });

  it('is done by shards that together are the whole, each along the ramp', () => {
    const stages = parseStages('7/s for 3s, 5 calls for 2s, 3/s to 11/s for 9s');
    const whole = [...schedule(stages)];
    assert.equal(whole.length, totalStarts(stages));
    const shards = [0, 1, 2].map((index) => [...schedule(stages, { index, count: 3 })]);
    const together = shards.flat().sort((a, b) => a.number - b.number);
    assert.deepEqual(together, whole);
    for (const shard of shards) assert.ok(Math.abs(shard.length - whole.length / 3) <= 1);
    assert.deepEqual(
      [0, 1, 2].map((index) => callsOfShard(5, { index, count: 3 })),
      [2, 2, 1],
    );
  });
});

describe('the rows of a load run', () => {
  it('are taken in turn, once, or by the seed', () => {
    const rows = (order: ConstructorParameters<typeof RowOrder>[1], seed = 1) =>
      Array.from({ length: 6 }, (_, number) => new RowOrder(4, order, seed).row(number));
    assert.deepEqual(rows('sequential'), [0, 1, 2, 3, 0, 1]);
    assert.deepEqual(rows('unique'), [0, 1, 2, 3, undefined, undefined]);
    assert.deepEqual(rows('random', 7), rows('random', 7));
    assert.notDeepEqual(rows('random', 7), rows('random', 8));
  });

  it('are drawn evenly', () => {
    const counts = new Array<number>(10).fill(0);
    const order = new RowOrder(10, 'random', 42);
    for (let number = 0; number < 10_000; number++) counts[order.row(number) ?? -1] += 1;
    for (const count of counts) assert.ok(count > 900 && count < 1100, counts.join(' '));
  });

  it('must last when each is taken once', () => {
    assert.throws(() => new RowOrder(4, 'unique', 1).assertEnough(5), {
      code: 'BAD_CONFIG',
      message: /4 rows.*5 starts/,
    });
    new RowOrder(4, 'unique', 1).assertEnough(4);
    new RowOrder(4, 'sequential', 1).assertEnough(5000);
  });
});
