import assert from 'node:assert/strict';
import { meanOpinionScore } from '../../../lib/media/quality';
import { DriftEstimator } from '../../../lib/media/worker/drift';
import { RateAdapter } from '../../../lib/media/worker/rate-adapter';
import { SequenceTracker } from '../../../lib/media/worker/sequence-tracker';

describe('media: estimated quality (ITU-T G.107)', () => {
  const mos = (lossPercent: number, concealment: boolean, burstRatio = 1, delayMs = 0): string =>
    meanOpinionScore({ lossShare: lossPercent / 100, burstRatio, delayMs, concealment }).toFixed(2);

  it('gives the known values of G.711', () => {
    assert.equal(mos(0, true), '4.41');
    assert.deepEqual([mos(1, true), mos(1, false)], ['4.33', '3.83']);
    assert.deepEqual([mos(5, true), mos(5, false)], ['3.92', '2.17']);
  });

  it('falls with bursts and with delay, and never below 1', () => {
    assert.ok(mos(5, true, 3) < mos(5, true));
    assert.equal(mos(0, true, 1, 100), '4.41');
    assert.ok(mos(0, true, 1, 400) < '3.7');
    assert.equal(mos(100, false, 5, 3000), '1.00');
  });

  it('the burst ratio is 1 for random loss and grows when the same loss comes in one piece', () => {
    const ratio = (isLost: (index: number) => boolean): number | undefined => {
      const tracker = new SequenceTracker();
      for (let index = 0; index < 1001; index++) if (!isLost(index)) tracker.accept(index);
      return tracker.burstRatio;
    };
    assert.equal(
      ratio(() => false),
      undefined,
    );
    assert.equal(
      ratio((index) => index % 10 === 5),
      1,
    );
    assert.ok(ratio((index) => index % 100 >= 50 && index % 100 < 60)! > 8);
  });
});

describe('media: clock drift', () => {
  it('finds the drift of the sender under jitter, over the wrap of the timestamp', () => {
    for (const ppm of [0, 200, -150]) {
      const drift = new DriftEstimator();
      assert.equal(drift.ppm, undefined);
      for (let index = 0; index < 3000; index++) {
        const jitter = (index * 7919) % 13;
        const at = 20 * index * (1 + ppm / 1e6) + jitter;
        drift.accept(at, (0xffffff00 + 160 * index) >>> 0, 8000);
      }
      assert.ok(Math.abs(drift.ppm! - ppm) < 20, `${drift.ppm} of ${ppm} ppm`);
    }
  });
});

describe('media: rate adapter', () => {
  it('keeps pitch, length and level when a codec of another rate takes over', () => {
    for (const [from, to] of [
      [8000, 16000],
      [16000, 8000],
      [48000, 8000],
    ]) {
      const adapter = new RateAdapter();
      const size = from / 50;
      const output: number[] = [];
      for (let frame = 0; frame < 50; frame++) {
        const input = Int16Array.from({ length: size }, (_, index) =>
          Math.round(10000 * Math.sin((2 * Math.PI * 300 * (frame * size + index)) / from)),
        );
        const converted = adapter.convert(input, size, from, to);
        output.push(...converted.subarray(0, RateAdapter.count(size, from, to)));
      }
      assert.equal(output.length, to);
      const crossings = output.filter((sample, index) => index > 0 && output[index - 1] < 0 && sample >= 0);
      assert.ok(Math.abs(crossings.length - 300) <= 1, String(crossings.length));
      assert.ok(Math.abs(Math.max(...output) - 10000) < 200);
      const steps = output.map((sample, index) => (index > 0 ? Math.abs(sample - output[index - 1]) : 0));
      assert.ok(Math.max(...steps) < (10000 * 2 * Math.PI * 300 * 1.1) / to, 'frames join without a step');
    }
  });
});
