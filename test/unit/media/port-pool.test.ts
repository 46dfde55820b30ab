import assert from 'node:assert/strict';
import type { Clock } from '../../../lib/common/clock';
import { SipflowError } from '../../../lib/common/errors';
import { PortPool, QUARANTINE_MS } from '../../../lib/media/port-pool';

function clockAt(state: { now: number }): Clock {
  return {
    now: () => state.now,
    wallNow: () => state.now,
    setTimeout: () => assert.fail('the pool needs no timer'),
    clearTimeout: () => assert.fail('the pool needs no timer'),
  };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SipflowError);
    return error.code;
  }
  return 'none';
}

describe('media: port pool', () => {
  const time = { now: 0 };
  const request = { address: '127.0.0.1', portMin: 10000, portMax: 10009 };

  it('pitfall 10: hands out even ports whose odd neighbour is in the range, each once', () => {
    const pool = new PortPool(clockAt(time), () => 0.5);
    const taken = [1, 2, 3, 4, 5].map(() => pool.take(request));
    assert.deepEqual(
      taken.toSorted((a, b) => a - b),
      [10000, 10002, 10004, 10006, 10008],
    );
    assert.equal(pool.inUse, 5);
  });

  it('tells how many pairs of a range are free: not those of other ranges, nor those that another program has', () => {
    const state = { now: 0 };
    const pool = new PortPool(clockAt(state), () => 0);
    assert.deepEqual(pool.room(request), { free: 5, all: 5 });
    const taken = pool.take(request);
    pool.take({ ...request, portMin: 20000, portMax: 20003 });
    assert.deepEqual(pool.room(request), { free: 4, all: 5 });
    pool.quarantine(pool.take(request));
    assert.deepEqual(pool.room(request), { free: 3, all: 5 });
    state.now += QUARANTINE_MS;
    pool.free(taken);
    assert.deepEqual(pool.room(request), { free: 5, all: 5 });
    assert.equal(
      codeOf(() => pool.room({ portMin: 10001, portMax: 10001 })),
      'BAD_CONFIG',
    );
  });

  it('pitfall 10: an odd lower bound and an even upper bound lose half a pair', () => {
    const pool = new PortPool(clockAt(time), () => 0);
    const odd = { address: '::1', portMin: 10001, portMax: 10004 };
    assert.equal(pool.take(odd), 10002);
    assert.equal(
      codeOf(() => pool.take(odd)),
      'RTP_PORTS_EXHAUSTED',
    );
  });

  it('pitfall 10: exhaustion names the range and the number in use', () => {
    const pool = new PortPool(clockAt(time));
    for (let pair = 0; pair < 4; pair++) pool.take(request);
    pool.quarantine(pool.take(request));
    assert.throws(
      () => pool.take(request),
      (error: SipflowError) =>
        error.code === 'RTP_PORTS_EXHAUSTED' &&
        /10000–10009/.test(error.message) &&
        /4 by calls of this process and 1 by other programs/.test(error.message),
    );
  });

  it('pitfall 10: a pair that was freed is handed out again only after all others', () => {
    const pool = new PortPool(clockAt(time), () => 0);
    const first = pool.take(request);
    pool.free(first);
    const next = [1, 2, 3, 4].map(() => pool.take(request));
    assert.ok(!next.includes(first));
    assert.equal(pool.take(request), first);
  });

  it('pitfall 10: a pair that somebody else holds rests for five seconds', () => {
    const pool = new PortPool(clockAt(time), () => 0);
    const two = { address: '127.0.0.1', portMin: 10000, portMax: 10003 };
    pool.quarantine(pool.take(two));
    assert.equal(pool.inUse, 0);
    assert.equal(pool.take(two), 10002);
    time.now += QUARANTINE_MS - 1;
    assert.equal(
      codeOf(() => pool.take(two)),
      'RTP_PORTS_EXHAUSTED',
    );
    time.now += 1;
    assert.equal(pool.take(two), 10000);
  });

  it('a pair is in use whatever address it was asked for: a wildcard overlaps all', () => {
    const pool = new PortPool(clockAt(time), () => 0);
    const wildcard = { ...request, address: '0.0.0.0' };
    assert.notEqual(pool.take(request), pool.take(wildcard));
  });

  it('refuses ranges without a pair', () => {
    const pool = new PortPool(clockAt(time));
    for (const [portMin, portMax] of [
      [10001, 10002],
      [10000, 10000],
      [0, 100],
      [65000, 70000],
      [20000, 10000],
      [10000.5, 10010],
      [NaN, 10010],
    ]) {
      assert.equal(
        codeOf(() => pool.take({ address: '127.0.0.1', portMin, portMax })),
        'BAD_CONFIG',
      );
    }
  });
});
