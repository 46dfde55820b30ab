import assert from 'node:assert/strict';
import type { CallInfo } from '../../lib/calls';
import { Bench, callOf, catchAll, phone, type DeployType } from './support/bench';

/** Room for one call with both of its sides: the next call only works when the first gave its ports back. */
function narrowRange(): { rtpPortMin: string; rtpPortMax: string } {
  const first = 20000 + 4 * Math.floor(Math.random() * 2500);
  return { rtpPortMin: String(first), rtpPortMax: String(first + 3) };
}

/** What brings the call, which rings already, into each state. */
const STATES: Record<string, (bench: Bench, caller: object, callee: object) => Promise<void>> = {
  ringing: () => Promise.resolve(),
  'early media': async (bench, _caller, callee) => {
    bench.send('early', { call: callee });
    await bench.next('early-started');
  },
  'playing and recording': async (bench, caller, callee) => {
    bench.send('pick', { call: callee });
    await bench.next('picked');
    bench.send('play', { call: caller });
    bench.send('record', { call: callee });
    await Promise.all([bench.next('playing'), bench.next('recording')]);
  },
  held: async (bench, caller, callee) => {
    bench.send('pick', { call: callee });
    await bench.next('picked');
    bench.send('hold', { call: caller });
    await bench.next('on-hold');
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
});
