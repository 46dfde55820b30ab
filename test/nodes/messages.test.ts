import assert from 'node:assert/strict';
import type { CallInfo, SipReport } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { RawPeer, request, SDP } from '../wire/sip/support/raw-peer';
import { Bench, callOf, catchAll, phone } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';

const hangup = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const info = { id: 'info', type: 'sip-call-info', wires: [['told']] };
const waitForEnd = { id: 'wait', type: 'sip-wait', event: 'ended', wires: [['gone'], ['gone'], ['gone']] };
const local = { mode: 'network', bindAddress: '127.0.0.1', port: '0' };

/** What a function node may do with what its message carries. */
function spoil(msg: FlowMessage): void {
  for (const part of [msg.sip, msg.callInfo, msg.failure]) {
    if (typeof part !== 'object' || part === null) continue;
    for (const inner of Object.values(part) as unknown[]) {
      if (typeof inner === 'object' && inner !== null) empty(inner);
    }
    empty(part);
  }
}

function empty(part: object): void {
  for (const key of Object.keys(part)) Reflect.deleteProperty(part, key);
}

describe('what messages carry of a call', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  for (const [target, to, called] of [
    ['+4930555', '<sip:hotline@shop.example>', '+4930555'],
    ['a%62c;phone-context=+49', '<sip:hotline@shop.example>', 'abc'],
    [undefined, '<sip:hotline@shop.example>', ''],
  ] as const) {
    it(`has "${called}" in msg.call.called when the Request-URI says ${target ?? 'no user'}, whatever the To says`, async () => {
      await bench.load(
        phone('trunk', local),
        { id: 'ring', type: 'sip-incoming-call', instance: 'phonetrunk', wires: [['rings', 'busy']] },
        { id: 'busy', type: 'sip-reject', wires: [[]] },
        catchAll,
      );
      const port = await bench.portOf('phonetrunk');
      const peer = await RawPeer.open();
      try {
        const uri = `sip:${target === undefined ? '' : `${target}@`}127.0.0.1:${port}`;
        peer.send(
          request('INVITE', { port: peer.port, target: uri, to, callId: 'retargeted', body: SDP }),
          port,
        );
        const call = callOf(await bench.next('rings'));
        assert.equal(call.called, called);
        assert.equal(call.to, 'sip:hotline@shop.example');
        await peer.next('486');
      } finally {
        await peer.close();
      }
    });
  }

  it('has no msg.call.called for a call that we made', async () => {
    const { caller, callee } = await answeredCall(bench);
    assert.deepEqual(['called' in caller, callee.called], [false, '1002']);
  });

  it('is their own: a flow that edits msg.callInfo and msg.sip changes no other message', async () => {
    const { caller, callee } = await answeredCall(bench, hangup, info, waitForEnd, {
      ...waitForEnd,
      id: 'wait-answered',
      event: 'answered',
      wires: [['up'], [], []],
    });
    for (const call of [caller, callee]) {
      bench.send('wait-answered', { call });
      spoil(await bench.next('up'));
      bench.send('wait-answered', { call });
      assert.equal(((await bench.next('up')).sip as SipReport).event, 'answered');
    }
    bench.send('wait', { call: caller });
    bench.send('end', { call: callee });
    await bench.next('over');
    spoil(await bench.next('gone'));
    for (const call of [caller, callee]) {
      bench.send('info', { call });
      const first = await bench.next('told');
      const kept = structuredClone(first.callInfo) as CallInfo;
      assert.equal(kept.state, 'ended');
      assert.notEqual(Object.keys(kept.headers).length, 0);
      spoil(first);
      bench.send('info', { call });
      assert.deepEqual((await bench.next('told')).callInfo, kept);
    }
    bench.send('wait', { call: caller });
    assert.equal(((await bench.next('gone')).sip as SipReport).event, 'ended');
  });

  it('is their own before the answer too: ringing, refused and failed', async () => {
    const { caller, callee } = await ringingCall(
      bench,
      { id: 'busy', type: 'sip-reject', statusCode: '486', wires: [['rejected']] },
      info,
    );
    bench.send('info', { call: callee });
    const kept = structuredClone((await bench.next('told')).callInfo) as CallInfo;
    assert.notEqual(Object.keys(kept.headers).length, 0);
    bench.send('busy', { call: callee });
    spoil(await bench.next('rejected'));
    spoil(await bench.next('unanswered'));
    for (const call of [caller, callee]) {
      bench.send('info', { call });
      const { status, headers } = (await bench.next('told')).callInfo as CallInfo;
      assert.equal(status, 486);
      assert.notEqual(Object.keys(headers).length, 0);
    }
  });
});
