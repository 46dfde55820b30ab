import assert from 'node:assert/strict';
import { waitForOne } from '../../../lib/calls/wait';
import { FakeClock } from '../../support/fake-clock';

describe('waiting', () => {
  it('is released by exactly one cause and cleans up after each', async () => {
    for (const cause of ['value', 'timeout', 'abort', 'fault'] as const) {
      const clock = new FakeClock();
      const abort = new AbortController();
      let subscribed = 0;
      let settle!: (value: string) => void;
      let fail!: (error: Error) => void;
      const promise = waitForOne<string>({
        clock,
        timeoutMs: 100,
        onTimeout: () => 'timeout',
        signal: abort.signal,
        onAbort: () => 'abort',
        begin: (s, f) => {
          subscribed += 1;
          settle = s;
          fail = f;
          return [() => (subscribed -= 1)];
        },
      });
      if (cause === 'value') settle('value');
      if (cause === 'timeout') clock.advance(100);
      if (cause === 'abort') abort.abort();
      if (cause === 'fault') fail(new Error('fault'));
      settle('too late');
      clock.advance(1000);
      assert.equal(await promise.catch((error: Error) => error.message), cause);
      assert.equal(subscribed, 0, `${cause}: the subscription is gone`);
      assert.equal(clock.pending, 0, `${cause}: the timer is gone`);
    }
  });

  it('takes a value that is there at once', async () => {
    const clock = new FakeClock();
    let undone = 0;
    const value = await waitForOne<number>({
      clock,
      timeoutMs: 5,
      onTimeout: () => 0,
      begin: (settle) => {
        settle(7);
        return [() => (undone += 1)];
      },
    });
    assert.deepEqual([value, undone, clock.pending], [7, 1, 0]);
  });

  it('does not begin to wait when the signal is already aborted', async () => {
    const clock = new FakeClock();
    const promise = waitForOne<number>({
      clock,
      signal: AbortSignal.abort(),
      timeoutMs: 5,
      onTimeout: () => 0,
      begin: () => [],
    });
    await assert.rejects(promise, /aborted/);
    assert.equal(clock.pending, 0);
  });
});
