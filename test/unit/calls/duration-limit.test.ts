import assert from 'node:assert/strict';
import { assertMaxCallDuration, DurationLimit } from '../../../lib/calls/duration-limit';
import { ManualClock } from '../../support/manual-clock';

describe('DurationLimit', () => {
  it('is two hours from the answer unless something else is said', () => {
    const clock = new ManualClock();
    const reasons: string[] = [];
    new DurationLimit(clock).start((reason) => reasons.push(reason));
    clock.advance(7_199_999);
    assert.deepEqual(reasons, []);
    clock.advance(1);
    assert.deepEqual(reasons, ['maximum call duration of 7200 s reached']);
    assert.equal(clock.pending, 0);
  });

  it('is none with 0, and is over with the call', () => {
    const clock = new ManualClock();
    const never = (): void => assert.fail('the call is ended');
    new DurationLimit(clock, 0).start(never);
    assert.equal(clock.pending, 0);
    const limit = new DurationLimit(clock, 60);
    limit.start(never);
    limit.stop();
    limit.stop();
    clock.advance(120_000);
  });

  it('takes what a timer can count, and refuses the rest', () => {
    for (const seconds of [undefined, 0, 0.5, 2_073_600]) assertMaxCallDuration(seconds);
    for (const seconds of [-1, NaN, Infinity, 2_073_601]) {
      assert.throws(() => assertMaxCallDuration(seconds), { code: 'BAD_CONFIG' }, String(seconds));
    }
  });
});
