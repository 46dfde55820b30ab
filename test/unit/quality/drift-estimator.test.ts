import assert from 'node:assert/strict';
import { DriftEstimator } from '../../../lib/media/quality/index';
import { random } from '../jitter-buffer/support';

interface Path {
  seconds: number;
  /** Peer slower than we are, in parts per million. */
  ppm: number;
  /** Delay of a packet beyond the least one, by its number and a random number. */
  delayMs?: (packet: number, random: number) => number;
  firstTimestamp?: number;
}

function estimate({ seconds, ppm, delayMs = () => 0, firstTimestamp = 1000 }: Path): number | undefined {
  const estimator = new DriftEstimator();
  const next = random(4);
  for (let i = 0; i < seconds * 50; i++) {
    const sentMs = i * 20 * (1 + ppm / 1e6);
    estimator.accept(5000 + sentMs + delayMs(i, next()), (firstTimestamp + i * 160) >>> 0, 8000);
  }
  return estimator.ppm;
}

/** Jitter as networks have it: most packets are nearly as fast as the fastest, some are much slower. */
const exponential =
  (meanMs: number) =>
  (_packet: number, uniform: number): number =>
    -meanMs * Math.log(1 - uniform);

function assertNear(actual: number | undefined, expected: number, tolerance: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual} for ${expected} ppm`,
  );
}

describe('clock drift', () => {
  for (const ppm of [0, 20, -20, 100, -300]) {
    it(`finds ${ppm} ppm through 10 ms of jitter in a minute`, () => {
      assertNear(estimate({ seconds: 60, ppm, delayMs: exponential(10) }), ppm, 15);
    });

    it(`finds ${ppm} ppm to 1 ppm in an hour`, () => {
      assertNear(estimate({ seconds: 3600, ppm, delayMs: exponential(10) }), ppm, 1);
    });
  }

  it('says nothing in the first seconds, and is right after ten without jitter', () => {
    assert.equal(estimate({ seconds: 5, ppm: 50 }), undefined);
    assertNear(estimate({ seconds: 11, ppm: 50 }), 50, 1);
  });

  it('a path that becomes 30 ms longer early or late does not move it far', () => {
    for (const at of [500, 2500]) {
      const delayMs = (packet: number, uniform: number): number =>
        exponential(2)(packet, uniform) + (packet > at ? 30 : 0);
      assertNear(estimate({ seconds: 60, ppm: 40, delayMs }), 40, 40);
    }
    // Two points of the same minute alone would say 500 ppm.
  });

  it('a minute of congestion in an hour does not move it', () => {
    const delayMs = (packet: number, uniform: number): number =>
      exponential(5)(packet, uniform) + (packet > 90000 && packet < 93000 ? 200 : 0);
    assertNear(estimate({ seconds: 3600, ppm: -30, delayMs }), -30, 1);
  });

  it('goes over the wrap of the timestamps', () => {
    assertNear(estimate({ seconds: 60, ppm: 100, firstTimestamp: 0xffffffff - 160 * 1000 }), 100, 1);
  });

  it('begins anew when the timestamps leap or the stream pauses', () => {
    const estimator = new DriftEstimator();
    for (let i = 0; i < 1500; i++) estimator.accept(i * 20, i * 160, 8000);
    assertNear(estimator.ppm, 0, 0.01);
    estimator.accept(30000, 5_000_000, 8000);
    assert.equal(estimator.ppm, undefined);
    for (let i = 1; i < 1500; i++) estimator.accept(30000 + i * 20.002, 5_000_000 + i * 160, 8000);
    assertNear(estimator.ppm, 100, 1);
    estimator.restart();
    assert.equal(estimator.ppm, undefined);
  });

  it('copes with reordering and any timestamps', () => {
    const estimator = new DriftEstimator();
    for (let i = 0; i < 3000; i++) estimator.accept(i * 20, (i ^ 1) * 160, 8000);
    assertNear(estimator.ppm, 0, 20);
    const next = random(8);
    for (let i = 0; i < 3000; i++) estimator.accept(60000 + i * 20, Math.floor(next() * 0x100000000), 8000);
    const { ppm } = estimator;
    assert.ok(ppm === undefined || Number.isFinite(ppm));
  });
});
