import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { CallInfo, CallRef } from '../../lib/calls';
import { Bench, callOf, catchAll, phone, type DeployType } from './support/bench';
import { answeredCall } from './support/calls';

/** Ports that no other test takes, also none of a run beside this one, and that systems do not hand out. */
let nextPort = 30100;

/** Room for one call with both of its sides: the next call only works when the first gave its ports back. */
function narrowRange(): { rtpPortMin: string; rtpPortMax: string } {
  const first = nextPort;
  nextPort += 4;
  return { rtpPortMin: String(first), rtpPortMax: String(first + 3) };
}

/** The nodes that are busy with the call in some state, and what they send when it is over. */
const BUSY = ['early', 'play', 'record', 'gather', 'keys', 'wait', 'hold', 'join', 'transfer'];
const OUTCOMES = ['played', 'recorded', 'got', 'pressed', 'waited', 'parted', 'moved'];

/** Brings a call up that rings already. */
async function answer(bench: Bench, callee: object): Promise<void> {
  bench.send('pick', { call: callee });
  await bench.next('picked');
}

/** Brings up another call, from phone 1004 to phone 1003. */
async function second(bench: Bench): Promise<CallRef> {
  bench.send('dial3');
  return callOf(await bench.next('up3'));
}

/** What brings the call, which rings already, into each state. */
const STATES: Record<string, (bench: Bench, caller: CallRef, callee: CallRef) => Promise<void>> = {
  ringing: () => Promise.resolve(),
  'early media': async (bench, _caller, callee) => {
    bench.send('early', { call: callee });
    await bench.next('early-started');
  },
  'playing and recording': async (bench, caller, callee) => {
    await answer(bench, callee);
    bench.send('play', { call: caller });
    bench.send('record', { call: callee });
    await Promise.all([bench.next('playing'), bench.next('recording')]);
  },
  'gathering, waiting and pressing keys': async (bench, caller, callee) => {
    await answer(bench, callee);
    bench.send('gather', { call: callee });
    bench.send('wait', { call: callee });
    bench.send('keys', { call: caller });
    await bench.statusOf('keys', ['status.sending']);
  },
  held: async (bench, caller, callee) => {
    await answer(bench, callee);
    bench.send('hold', { call: caller });
    await bench.next('on-hold');
  },
  bridged: async (bench, caller, callee) => {
    await answer(bench, callee);
    bench.send('join', { call: caller, peer: await second(bench) });
    await bench.next('joined');
  },
  transferring: async (bench, caller, callee) => {
    await answer(bench, callee);
    bench.send('transfer', { call: caller });
    await bench.next('rings4');
  },
};

describe('a deploy in the middle of a call', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  for (const type of ['full', 'flows', 'nodes'] satisfies DeployType[]) {
    for (const [state, reach] of Object.entries(STATES)) {
      it(`of ${type}, ${state}: the call ends, its ports are free, and the next call works`, async () => {
        const range = narrowRange();
        await bench.load(
          phone('1001', range),
          phone('1002', range),
          {
            ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002' },
            wires: [['up'], ['progress'], ['failed']],
          },
          { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['rings']] },
          { id: 'pick', type: 'sip-answer', wires: [['picked'], []] },
          {
            id: 'early',
            type: 'sip-early-media',
            source: 'silence',
            loop: true,
            wires: [[], [], ['early-started']],
          },
          {
            ...{ id: 'play', type: 'sip-play-audio', source: 'tone:440', loop: true },
            wires: [['played'], [], [], ['playing']],
          },
          { id: 'record', type: 'sip-record', file: 'call.wav', wires: [['recorded'], [], ['recording']] },
          { id: 'hold', type: 'sip-hold', action: 'hold', wires: [['on-hold'], []] },
          {
            id: 'gather',
            type: 'sip-receive-dtmf',
            maxDigits: '9',
            wires: [['got'], ['got'], ['got'], ['got']],
          },
          { id: 'keys', type: 'sip-send-dtmf', digits: '1,,,,,,,,,2', wires: [['pressed'], ['pressed']] },
          { id: 'wait', type: 'sip-wait', event: 'held', wires: [['waited'], ['waited'], ['waited']] },
          phone('1003', narrowRange()),
          phone('1004', narrowRange()),
          {
            ...{ id: 'dial3', type: 'sip-make-call', instance: 'phone1004', target: '1003' },
            wires: [['up3'], [], ['failed']],
          },
          { id: 'ring3', type: 'sip-incoming-call', instance: 'phone1003', wires: [['pick3']] },
          { id: 'pick3', type: 'sip-answer', wires: [[], []] },
          { id: 'ring4', type: 'sip-incoming-call', instance: 'phone1004', wires: [['rings4']] },
          {
            ...{ id: 'join', type: 'sip-bridge', peerCall: 'peer', peerCallType: 'msg' },
            wires: [['parted'], ['parted'], ['joined']],
          },
          {
            ...{ id: 'transfer', type: 'sip-transfer', kind: 'blind', target: '1004' },
            wires: [['moved'], [], ['moved']],
          },
          { id: 'info', type: 'sip-call-info', wires: [['told']] },
          catchAll,
        );
        bench.send('dial');
        const callee = callOf(await bench.next('rings'));
        const caller = callOf(await bench.next('progress'));
        await reach(bench, caller, callee);

        await bench.deploy(type, (node) =>
          node.type === 'sip-instance' ? { ...node, displayName: 'After the deploy' } : node,
        );
        // A node that the deploy restarts says nothing more; one that it leaves alone sees that the call is over.
        if (type === 'full') for (const output of OUTCOMES) assert.equal(bench.count(output), 0, output);
        for (const id of BUSY) await bench.statusOf(id, type === 'full' ? [''] : ['', /./]);
        for (const call of [caller, callee]) {
          bench.send('info', { call });
          assert.equal(((await bench.next('told')).callInfo as CallInfo).state, 'ended');
        }
        bench.send('dial');
        bench.send('pick', { call: callOf(await bench.next('rings')) });
        await Promise.all([bench.next('up'), bench.next('picked')]);
        assert.deepEqual([bench.count('failed'), bench.count('errors')], [0, 0]);
      });
    }
  }

  for (const type of ['full', 'nodes'] satisfies DeployType[]) {
    it(`of ${type}, calling somebody who says nothing: the call is given up, and the node may call again`, async () => {
      const silence = createSocket('udp4').bind(0, '127.0.0.1');
      await once(silence, 'listening');
      try {
        await bench.load(
          phone('1001', { mode: 'network', bindAddress: '127.0.0.1', port: '0' }),
          {
            ...{ id: 'dial', type: 'sip-make-call', instance: 'phone1001' },
            target: `sip:1002@127.0.0.1:${silence.address().port}`,
            wires: [['up'], ['progress'], ['failed']],
          },
          catchAll,
        );
        for (let round = 0; round < 2; round++) {
          const asked = once(silence, 'message');
          bench.send('dial');
          await asked;
          await bench.statusOf('dial', ['status.calling']);
          await bench.deploy(type, (node) =>
            node.type === 'sip-instance' ? { ...node, displayName: `After deploy ${round}` } : node,
          );
          await bench.statusOf('dial', ['']);
        }
        assert.deepEqual([bench.count('failed'), bench.count('errors')], [0, 0]);
      } finally {
        silence.close();
        await once(silence, 'close');
      }
    });
  }

  it('of a node that is busy: it stops, the call goes on, and the node works again', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      {
        id: 'play',
        type: 'sip-play-audio',
        source: 'tone:440',
        loop: true,
        wires: [['out'], ['out'], ['out'], ['begun']],
      },
      { id: 'record', type: 'sip-record', wires: [['out'], ['out'], ['begun']] },
      { id: 'gather', type: 'sip-receive-dtmf', wires: [['out'], ['out'], ['out'], ['out']] },
      { id: 'wait', type: 'sip-wait', event: 'held', wires: [['out'], ['out'], ['out']] },
      { id: 'info', type: 'sip-call-info', wires: [['told']] },
    );
    const busy = ['play', 'record', 'gather', 'wait'];
    for (let round = 0; round < 2; round++) {
      for (const id of busy) bench.send(id, { call: id === 'play' ? caller : callee });
      await Promise.all([bench.next('begun'), bench.next('begun')]);
      await bench.statusOf('gather', ['status.listening']);
      await bench.statusOf('wait', ['status.waiting']);
      await bench.deploy('nodes', (node) =>
        busy.includes(node.id) ? { ...node, name: `after deploy ${round}` } : node,
      );
      for (const id of busy) await bench.statusOf(id, ['']);
      assert.deepEqual([bench.count('out'), bench.count('errors')], [0, 0]);
      bench.send('info', { call: caller });
      assert.equal(((await bench.next('told')).callInfo as CallInfo).state, 'answered');
    }
  });
});
