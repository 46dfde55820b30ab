import assert from 'node:assert/strict';
import {
  judgeRequest,
  readAnswer,
  requestHeaders,
  SessionTimer,
  type SessionAgreement,
} from '../../../lib/sip/session-timer';
import { ManualClock } from '../../support/manual-clock';

function setUp(agreement?: SessionAgreement) {
  const clock = new ManualClock(0);
  const events: string[] = [];
  const timer = new SessionTimer({
    clock,
    onRefresh: () => events.push(`refresh ${clock.now() / 1_000}`),
    onExpired: () => events.push(`expired ${clock.now() / 1_000}`),
  });
  timer.agree(agreement);
  return { clock, events, timer };
}

describe('session timer of a dialog', () => {
  it('our job: refreshes at half, says BYE at expiry − min(32, a third)', () => {
    const { clock, events } = setUp({ seconds: 1_800, refresher: 'local' });
    clock.advance(10_000_000);
    assert.deepEqual(events, ['refresh 900', 'expired 1768']);
    assert.equal(clock.pending, 0);
  });

  it('their job: says BYE only', () => {
    for (const [seconds, at] of [
      [1_800, 1_768],
      [90, 60],
      [96, 64],
      [97, 65],
    ]) {
      const { clock, events } = setUp({ seconds, refresher: 'remote' });
      clock.advance(10_000_000);
      assert.deepEqual(events, [`expired ${at}`]);
    }
  });

  it('every agreement begins the interval anew, with whatever it says', () => {
    const { clock, events, timer } = setUp({ seconds: 600, refresher: 'remote' });
    for (let round = 0; round < 10; round++) {
      clock.advance(500_000);
      timer.agree({ seconds: 600, refresher: 'remote' });
    }
    assert.deepEqual(events, []);
    timer.agree({ seconds: 300, refresher: 'local' });
    clock.advance(150_000);
    assert.deepEqual(events, ['refresh 5150']);
    timer.stop();
    assert.equal(clock.pending, 0);
  });

  it('a 2xx without Session-Expires ends it, a later one can begin it again', () => {
    const { clock, events, timer } = setUp({ seconds: 600, refresher: 'local' });
    timer.agree(undefined);
    assert.equal(timer.agreement, undefined);
    assert.equal(clock.pending, 0);
    timer.agree({ seconds: 600, refresher: 'local' });
    clock.advance(300_000);
    assert.deepEqual(events, ['refresh 300']);
    timer.stop();
  });

  it('no agreement, no timer', () => {
    assert.equal(setUp().clock.pending, 0);
  });

  for (const status of [408, 481]) {
    it(`${status} to our refresh ends the session at once`, () => {
      const { clock, events, timer } = setUp({ seconds: 600, refresher: 'local' });
      clock.advance(300_000);
      timer.refreshFailed(status);
      assert.deepEqual(events, ['refresh 300', 'expired 300']);
      timer.refreshFailed(status);
      clock.advance(1_000_000);
      assert.equal(events.length, 2);
    });
  }

  it('after another failure it tries again while there is time', () => {
    const { clock, events, timer } = setUp({ seconds: 600, refresher: 'local' });
    for (let wait = 0; wait < 20; wait++) {
      const before = events.length;
      clock.advance(clock.untilNext ?? 0);
      if (events.length > before && events.at(-1)?.startsWith('refresh')) timer.refreshFailed(500);
    }
    assert.deepEqual(events, [
      'refresh 300',
      'refresh 434',
      'refresh 501',
      'refresh 534.5',
      'refresh 551.25',
      'refresh 559.625',
      'expired 568',
    ]);
    assert.equal(clock.pending, 0);
  });

  it('says nothing after stop, nor when told of failures or agreements then', () => {
    const { clock, events, timer } = setUp({ seconds: 600, refresher: 'local' });
    timer.stop();
    timer.stop();
    timer.refreshFailed(481);
    timer.agree({ seconds: 600, refresher: 'local' });
    clock.advance(1_000_000);
    assert.deepEqual(events, []);
    assert.equal(clock.pending, 0);
  });

  it('no peer can make it refresh more often than every five seconds, or wait longer than a timer can', () => {
    const hasty = setUp({ seconds: 1, refresher: 'local' });
    hasty.clock.advance(4_999);
    assert.deepEqual(hasty.events, []);
    hasty.clock.advance(1);
    assert.deepEqual(hasty.events, ['refresh 5']);
    hasty.timer.stop();

    const slow = setUp({ seconds: 4_294_967_295, refresher: 'local' });
    assert.ok((slow.clock.untilNext ?? Infinity) <= 2 ** 31 - 1);
    slow.timer.stop();
  });
});

describe('session timers of both sides', () => {
  for (const preference of ['local', 'remote', undefined] as const) {
    it(`agree on one refresher, whoever the caller wants (${preference ?? 'open'})`, () => {
      const settings = { interval: 600, minimum: 90, refresher: preference };
      const headers: Record<string, string[]> = { Supported: ['timer'] };
      for (const [name, value] of requestHeaders(settings)) headers[name] = [value];
      const verdict = judgeRequest({ interval: 300, minimum: 90 }, headers);
      assert.equal(verdict.kind, 'accept');
      if (verdict.kind !== 'accept') return;
      const answer: Record<string, string[]> = {};
      for (const [name, value] of verdict.headers) answer[name] = [value];
      const caller = readAnswer(settings, answer);
      assert.equal(caller?.seconds, verdict.agreement?.seconds);
      assert.notEqual(caller?.refresher, verdict.agreement?.refresher);
      if (preference) assert.equal(caller?.refresher, preference);
    });
  }
});
