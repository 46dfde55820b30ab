import assert from 'node:assert/strict';
import { CallRegistry } from '../../../lib/calls/registry';
import type { CallInfo, CallRef, OutgoingCall } from '../../../lib/calls/types';
import { FakeClock } from '../../support/fake-clock';

function ref(id: string): CallRef {
  return {
    type: 'sip-call',
    id,
    instance: 'i',
    direction: 'out',
    callId: 'c',
    from: 'sip:a@b',
    to: 'sip:c@d',
  };
}

const info: CallInfo = {
  state: 'ended',
  direction: 'out',
  codec: 'PCMU',
  dtmfMethod: 'rfc4733',
  srtp: false,
  startedAt: '2026-11-22T22:15:30.000Z',
  answeredAt: null,
  endedAt: '2026-11-22T22:15:33.000Z',
  durationMs: 0,
  endedBy: 'remote',
  status: 486,
  reason: 'Busy Here',
  headers: {},
  rtp: null,
  mos: null,
};

describe('call registry', () => {
  it('finds a live call by CallRef and by bare id', () => {
    const registry = new CallRegistry(new FakeClock());
    const call = { id: 'x', ref: ref('x') } as OutgoingCall;
    registry.add(call);
    assert.equal(registry.live('x'), call);
    assert.equal(registry.live(ref('x')), call);
    assert.equal(registry.live({ ...ref('x') }), call, 'a clone of the CallRef works as well');
  });

  it('answers for an ended call with who ended it and when', () => {
    const registry = new CallRegistry(new FakeClock());
    registry.add({ id: 'x', ref: ref('x') } as OutgoingCall);
    registry.bury(ref('x'), info);
    assert.equal(registry.liveCount, 0);
    const found = registry.find('x');
    assert.ok('tombstone' in found && found.tombstone.info === info);
    assert.throws(() => registry.live('x'), {
      code: 'CALL_ENDED',
      message: 'The call was ended by the other side with 486 Busy Here at 2026-11-22T22:15:33.000Z.',
    });
  });

  it('lists what runs and what has ended, as long as it is remembered', () => {
    const clock = new FakeClock();
    const registry = new CallRegistry(clock);
    const [first, second] = ['x', 'y'].map((id) => ({ id, ref: ref(id) }) as OutgoingCall);
    registry.add(first);
    registry.add(second);
    assert.deepEqual(registry.running, [first, second]);
    registry.bury(ref('x'), info);
    assert.deepEqual(registry.running, [second]);
    assert.deepEqual(
      registry.ended.map((tombstone) => tombstone.ref.id),
      ['x'],
    );
    clock.advance(5 * 60_000);
    assert.deepEqual(registry.ended, []);
  });

  it('forgets tombstones after five minutes', () => {
    const clock = new FakeClock();
    const registry = new CallRegistry(clock);
    registry.bury(ref('x'), info);
    clock.advance(299_000);
    assert.equal(registry.tombstoneCount, 1);
    clock.advance(2_000);
    assert.throws(() => registry.find('x'), { code: 'CALL_UNKNOWN' });
    assert.equal(registry.tombstoneCount, 0);
    assert.equal(clock.pending, 0, 'no timer is kept for it');
  });

  it('keeps at most 1,000 tombstones, the newest ones', () => {
    const registry = new CallRegistry(new FakeClock());
    for (let i = 0; i < 1200; i += 1) registry.bury(ref(`x${i}`), info);
    assert.equal(registry.tombstoneCount, 1000);
    assert.throws(() => registry.find('x199'), { code: 'CALL_UNKNOWN' });
    assert.ok('tombstone' in registry.find('x200'));
  });

  for (const [what, value] of Object.entries({
    nothing: undefined,
    null: null,
    'an empty id': '',
    'a number': 5,
    'an object without id': {},
    'an unknown id': 'nope',
    'a hostile object': { id: { toString: () => 'x' } },
  })) {
    it(`says CALL_UNKNOWN for ${what}`, () => {
      assert.throws(() => new CallRegistry(new FakeClock()).live(value), { code: 'CALL_UNKNOWN' });
    });
  }
});
