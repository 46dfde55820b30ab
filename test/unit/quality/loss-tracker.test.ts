import assert from 'node:assert/strict';
import { LossTracker } from '../../../lib/media/quality/index';
import { random } from '../jitter-buffer/support';

/** Feeds a picture of a stream: `.` came, `x` did not. */
function track(picture: string): LossTracker {
  const tracker = new LossTracker();
  for (const packet of picture) {
    if (packet === 'x') tracker.missing();
    else tracker.received();
  }
  return tracker;
}

const came = (count: number): string => '.'.repeat(count);

describe('spread of losses (RFC 3611)', () => {
  it('nothing lost', () => {
    const figures = track(came(100)).figures(20);
    assert.equal(figures.burstRatio, undefined);
    assert.deepEqual(
      { ...figures, burstRatio: 0 },
      {
        expected: 100,
        missing: 0,
        lossShare: 0,
        burstRatio: 0,
        bursts: 0,
        burstDensity: 0,
        gapDensity: 0,
        burstMs: 0,
        gapMs: 2000,
      },
    );
    assert.equal(new LossTracker().figures(20).lossShare, 0);
  });

  it('single losses 16 packets apart belong to the gap', () => {
    const figures = track(`${came(50)}x${came(16)}x${came(16)}x${came(16)}`).figures(20);
    assert.equal(figures.bursts, 0);
    assert.equal(figures.gapDensity, 3 / 101);
    assert.equal(figures.burstRatio, 1);
  });

  it('losses less than 16 packets apart are a burst, from the first to the last', () => {
    const figures = track(`${came(100)}x${came(15)}xx${came(2)}x${came(100)}`).figures(20);
    assert.equal(figures.bursts, 1);
    assert.equal(figures.burstMs, 21 * 20);
    assert.equal(figures.burstDensity, 4 / 21);
    assert.equal(figures.gapDensity, 0);
    assert.equal(figures.gapMs, 200 * 20);
  });

  it('an open burst counts as it is, and again as it goes on', () => {
    const tracker = track(`${came(30)}xx`);
    assert.equal(tracker.figures(20).bursts, 1);
    tracker.missing(3);
    assert.equal(tracker.figures(20).bursts, 1);
    assert.equal(tracker.figures(20).burstMs, 100);
    tracker.received(20);
    tracker.missing();
    assert.equal(tracker.figures(20).bursts, 1);
    assert.equal(tracker.figures(20).gapDensity, 1 / 51);
  });

  it('several packets at once are the same as one by one', () => {
    const once = new LossTracker();
    for (const [received, missing] of [
      [40, 3],
      [0, 2],
      [10, 1],
      [30, 0],
      [5, 4],
    ]) {
      once.received(received);
      once.missing(missing);
    }
    const single = track(`${came(40)}xxxxx${came(10)}x${came(35)}xxxx`);
    assert.deepEqual(once.figures(20), single.figures(20));
  });

  it('burst ratio: about 1 for random loss, 1 / (p + q) for a two-state channel', () => {
    const next = random(9);
    const even = new LossTracker();
    for (let i = 0; i < 100_000; i++) {
      if (next() < 0.05) even.missing();
      else even.received();
    }
    const evenRatio = even.figures(20).burstRatio ?? assert.fail();
    assert.ok(Math.abs(evenRatio - 1) < 0.03, `${evenRatio}`);

    const [p, q] = [0.02, 0.3];
    const bursty = new LossTracker();
    let losing = false;
    for (let i = 0; i < 200_000; i++) {
      losing = losing ? next() >= q : next() < p;
      if (losing) bursty.missing();
      else bursty.received();
    }
    const ratio = bursty.figures(20).burstRatio ?? assert.fail();
    assert.ok(Math.abs(ratio * (p + q) - 1) < 0.05, `${ratio}`);
  });

  it('forgets everything on reset', () => {
    const tracker = track(`${came(40)}xxxx..x`);
    tracker.reset();
    assert.deepEqual(tracker.figures(20), new LossTracker().figures(20));
  });
});
