import assert from 'node:assert/strict';
import type { CallInfo } from '../../lib/calls';
import { SafeEmitter } from '../../lib/common';
import { CallSeries } from '../../lib/testing/attempt/call-series';

type Figures = NonNullable<CallInfo['rtp']>;

/** Figures of a call up to a moment. */
function figures(packets: number, lost: number, receivedLevelDbfs = -20): Figures {
  return { received: { packets, lost, jitterMs: 1.5 }, receivedLevelDbfs } as Figures;
}

class FakeCall extends SafeEmitter<{ statistics: [Figures] }> {
  readonly id = 'c1';

  tell(told: Figures): void {
    this.emit('statistics', told);
  }
}

describe('the received audio of a call over time', () => {
  let now = 0;
  const made = () => {
    const series = new CallSeries(() => now);
    const call = new FakeCall();
    series.watch(call as unknown as Parameters<CallSeries['watch']>[0]);
    return { series, tell: (told: Figures) => call.tell(told) };
  };

  it('has the loss since the sample before, the jitter and the level', () => {
    const { series, tell } = made();
    assert.equal(series.of('c1'), undefined);
    now = 1_000;
    tell(figures(50, 0));
    now = 2_000.4;
    tell(figures(90, 10));
    now = 3_000;
    tell(figures(140, 9, -Infinity));
    assert.deepEqual(series.of('c1'), [
      { atMs: 1_000, jitterMs: 1.5, lossPercent: 0, levelDbfs: -20 },
      { atMs: 2_000, jitterMs: 1.5, lossPercent: 20, levelDbfs: -20 },
      { atMs: 3_000, jitterMs: 1.5, lossPercent: 0 },
    ]);
  });

  it('is never longer than its limit, and goes to the end of the call', () => {
    const { series, tell } = made();
    for (let second = 1; second <= 10_000; second++) {
      now = second * 1_000;
      tell(figures(50 * second, 0));
    }
    const times = (series.of('c1') ?? []).map(({ atMs }) => atMs);
    assert.ok(times.length >= 300 && times.length < 600, String(times.length));
    assert.ok((times.at(-1) ?? 0) > 9_900_000);
    const steps = new Set(times.slice(1).map((atMs, index) => atMs - times[index]));
    assert.equal(steps.size, 1, 'the times are even');
  });

  it('is not told any more when its attempt is over', () => {
    const { series, tell } = made();
    series.leave();
    tell(figures(50, 0));
    assert.equal(series.of('c1'), undefined);
  });
});
