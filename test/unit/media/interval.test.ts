import assert from 'node:assert/strict';
import { Interval } from '../../../lib/media/worker/interval';

describe('media: interval', () => {
  it('is over once each time, and leaves out what was slept over', () => {
    const interval = new Interval();
    interval.configure(1000, 500);
    const over = [1499, 1500, 1520, 2500, 5700, 5720, 6499, 6500].filter((now) => interval.isOver(now));
    assert.deepEqual(over, [1500, 2500, 5700, 6500]);
  });

  it('never ends when it is off, has a shortest length, and goes on when it is configured again', () => {
    const interval = new Interval();
    assert.equal(interval.isOver(1e12), false);
    interval.configure(1, 0);
    assert.equal(interval.isOver(99), false);
    interval.configure(1, 60);
    assert.equal(interval.isOver(100), true);
    interval.configure(undefined, 100);
    assert.equal(interval.isOver(1e12), false);
  });
});
