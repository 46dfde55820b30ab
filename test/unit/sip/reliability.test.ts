import assert from 'node:assert/strict';
import {
  startRetransmission,
  stepRetransmission,
  type RetransmissionKind,
} from '../../../lib/sip/transaction/retransmission';
import { Retransmitter } from '../../../lib/sip/transaction/retransmitter';
import { randomBranch, randomToken, statelessTag } from '../../../lib/sip/message/tokens';
import { timerSettingsOf } from '../../../lib/sip/transaction/timer-settings';
import { ManualClock } from '../../support/manual-clock';

const RFC = { t1: 500, t2: 4000, t4: 5000 };

/** Seconds after the first transmission at which a message is sent again when nobody answers. */
function schedule(kind: RetransmissionKind, provisionalAfter = Infinity): number[] {
  const times: number[] = [];
  let sent = 0;
  let state = startRetransmission(kind, RFC);
  for (;;) {
    const event = sent++ === provisionalAfter ? 'provisional' : 'timer';
    const step = stepRetransmission(state, event, RFC);
    if (!step) return times;
    if (step.send) times.push(state.due / 1000);
    ({ state } = step);
  }
}

describe('retransmission', () => {
  it('pitfall 9: of an INVITE doubles until 64·T1 (timers A and B)', () => {
    assert.deepEqual(schedule('invite'), [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]);
  });

  it('of another request doubles up to T2 until 64·T1 (timers E and F)', () => {
    assert.deepEqual(schedule('request'), [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]);
  });

  it('of a refusal doubles up to T2 until 64·T1 (timers G and H)', () => {
    assert.deepEqual(schedule('invite-answer'), schedule('request'));
  });

  it('of an INVITE ends with a provisional response, of another request goes on every T2', () => {
    assert.deepEqual(schedule('invite', 2), [0.5, 1.5]);
    assert.deepEqual(schedule('request', 1).slice(0, 3), [0.5, 4.5, 8.5]);
  });

  it('ends with the final response or the ACK', () => {
    for (const kind of ['invite', 'request', 'invite-answer'] as const) {
      assert.equal(stepRetransmission(startRetransmission(kind, RFC), 'final', RFC), undefined);
      assert.equal(stepRetransmission(startRetransmission(kind, RFC), 'ack', RFC), undefined);
    }
  });

  it('is driven by one timer per message, which leaves nothing behind', () => {
    const clock = new ManualClock();
    const retransmitter = new Retransmitter(clock);
    const sent: string[] = [];
    retransmitter.start('a', 'invite', () => sent.push('a'));
    retransmitter.start('a', 'invite', () => sent.push('twice'));
    retransmitter.start('b', 'request', () => sent.push('b'));
    clock.advance(500);
    retransmitter.handle('a', 'provisional');
    retransmitter.handle('unknown', 'final');
    clock.advance(1000);
    assert.deepEqual(sent, ['a', 'b', 'b']);
    assert.equal(clock.pending, 1);
    clock.advance(31_000);
    assert.deepEqual([retransmitter.size, clock.pending], [0, 0]);
    retransmitter.start('c', 'request', () => sent.push('c'));
    retransmitter.reset();
    assert.deepEqual([retransmitter.size, clock.pending], [0, 0]);
  });
});

describe('timer settings of the process', () => {
  it('come from the environment, and from RFC 3261 where that is silent or makes no sense', () => {
    assert.deepEqual(timerSettingsOf({}), { t1: 500, t2: 4000, t4: 5000 });
    assert.deepEqual(
      timerSettingsOf({ SIPFLOW_T1_MS: '200', SIPFLOW_T2_MS: '1600', SIPFLOW_T4_MS: '2000' }),
      { t1: 200, t2: 1600, t4: 2000 },
    );
    const nonsense = { SIPFLOW_T1_MS: 'soon', SIPFLOW_T2_MS: '0', SIPFLOW_T4_MS: '' };
    assert.deepEqual(timerSettingsOf(nonsense), { t1: 500, t2: 4000, t4: 5000 });
  });
});

describe('random ids', () => {
  it('do not repeat in 200,000 and consist of token characters', () => {
    const seen = new Set(Array.from({ length: 200_000 }, () => randomToken()));
    assert.equal(seen.size, 200_000);
    for (const token of seen) assert.match(token, /^[\w-]{16}$/);
    assert.match(randomBranch(), /^z9hG4bK[\w-]{16}$/);
  });

  it('give the same request the same tag', () => {
    assert.equal(statelessTag('x'), statelessTag('x'));
    assert.notEqual(statelessTag('x'), statelessTag('y'));
  });
});
