import assert from 'node:assert/strict';
import { RateAdapter } from '../../../lib/media/worker/play/rate-adapter';

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
