import assert from 'node:assert/strict';
import { DeadTargets, FailOver, LOCATE_LIMITS, Locator, type Destination } from '../../../lib/sip/locate';
import { orderSrv } from '../../../lib/sip/locate/services';
import type { SrvRecord } from '../../../lib/sip/locate/types';
import { ManualClock } from '../../support/manual-clock';
import { Zone } from './zone';

function srv(name: string, priority: number, weight: number): SrvRecord {
  return { name, port: 5060, priority, weight };
}

/** Park-Miller: the same numbers in every run. */
function seeded(): () => number {
  let state = 42;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function shares(records: SrvRecord[], rounds: number): Record<string, number> {
  const random = seeded();
  const firsts: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    const [{ name }] = orderSrv(records, random);
    firsts[name] = (firsts[name] ?? 0) + 1 / rounds;
  }
  return firsts;
}

describe('SRV priorities and weights (RFC 2782)', () => {
  it('never puts a higher number of priority before a lower one, and loses none', () => {
    const records = [srv('c', 20, 500), srv('a', 10, 1), srv('d', 30, 0), srv('b', 10, 99)];
    const random = seeded();
    for (let round = 0; round < 500; round++) {
      const order = orderSrv(records, random).map(({ name }) => name);
      assert.deepEqual([...order.slice(0, 2)].sort(), ['a', 'b']);
      assert.deepEqual(order.slice(2), ['c', 'd']);
    }
  });

  it('draws the first in proportion to the weights', () => {
    const share = shares([srv('a', 1, 60), srv('b', 1, 30), srv('c', 1, 10)], 20_000);
    assert.ok(Math.abs(share.a - 0.6) < 0.03, String(share.a));
    assert.ok(Math.abs(share.b - 0.3) < 0.03, String(share.b));
    assert.ok(Math.abs(share.c - 0.1) < 0.03, String(share.c));
  });

  it('gives weight 0 a small chance beside others, and equal ones among themselves', () => {
    const beside = shares([srv('a', 1, 0), srv('b', 1, 100)], 20_000);
    assert.ok(beside.a > 0 && beside.a < 0.03, String(beside.a));
    const equal = shares([srv('a', 1, 0), srv('b', 1, 0), srv('c', 1, 0)], 20_000);
    for (const name of ['a', 'b', 'c']) assert.ok(Math.abs(equal[name] - 1 / 3) < 0.03, name);
  });

  it('stands random numbers at both ends', () => {
    const records = [srv('a', 1, 0), srv('b', 1, 65_535), srv('c', 1, 1)];
    for (const value of [0, 1 - Number.EPSILON]) assert.equal(orderSrv(records, () => value).length, 3);
    assert.deepEqual(
      orderSrv([], () => 0),
      [],
    );
  });
});

const at = (address: string): Destination => ({
  address,
  family: 4,
  port: 5060,
  transport: 'udp',
  serverName: 'x',
});
const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(at);

describe('fail-over and dead destinations', () => {
  it('goes through the list once and marks what failed', () => {
    const dead = new DeadTargets(new ManualClock());
    const failOver = new FailOver([A, B], dead);
    assert.equal(failOver.current, A);
    assert.equal(failOver.failed(), B);
    assert.ok(dead.isDead(A) && !dead.isDead(B));
    assert.equal(failOver.failed(), undefined);
    assert.equal(failOver.failed(), undefined);
    assert.equal(failOver.current, undefined);
    assert.equal(failOver.failures, 2);
    failOver.succeeded();
  });

  it('dead ones go to the end for a while, the one that is back first in front', () => {
    const clock = new ManualClock();
    const dead = new DeadTargets(clock);
    dead.mark(A, 60_000);
    dead.mark(B);
    assert.deepEqual(dead.sort([A, B, C]), [C, B, A]);
    clock.advance(LOCATE_LIMITS.deadMs);
    assert.deepEqual(dead.sort([A, B, C]), [B, C, A]);
    dead.clear(A);
    assert.deepEqual(dead.sort([A, B, C]), [A, B, C]);
  });

  it('an answer clears the mark, another transport of the same host has its own', () => {
    const dead = new DeadTargets(new ManualClock());
    dead.mark(A);
    assert.ok(!dead.isDead({ ...A, transport: 'tcp' }));
    new FailOver([A], dead).succeeded();
    assert.ok(!dead.isDead(A));
  });

  it('Retry-After counts for ten minutes at most, and the memory is bounded', () => {
    const clock = new ManualClock();
    const dead = new DeadTargets(clock);
    dead.mark(A, 1e12);
    clock.advance(600_000);
    assert.ok(!dead.isDead(A));
    dead.mark(B);
    for (let index = 0; index < 300; index++) dead.mark(at(`10.0.${index >> 8}.${index & 255}`));
    assert.ok(!dead.isDead(B));
  });

  it('a second search begins with what is alive', async () => {
    const locator = new Locator({
      resolver: new Zone({ 'a.example': { a: ['192.0.2.1', '192.0.2.2'] } }),
      clock: new ManualClock(),
    });
    const target = { secure: false, host: 'a.example', port: 5060 };
    const abilities = { transports: ['udp'], families: [4] } as const;
    const failOver = await locator.failOver(target, abilities);
    failOver.failed();
    assert.deepEqual(
      (await locator.locate(target, abilities)).map(({ address }) => address),
      ['192.0.2.2', '192.0.2.1'],
    );
  });
});
