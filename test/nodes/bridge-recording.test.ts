import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RecordingReport } from '../../lib/calls';
import { purestShare, readWav, soundSpan } from '../wire/media/support/tones';
import { Bench, callOf, catchAll, phone, type FlowNode } from './support/bench';
import { writeTone } from './support/wav';

/** What the two outer parties sound like, in hertz. */
const TONES = { near: 440, far: 1100 } as const;
const SECONDS = 1.2;

type Party = keyof typeof TONES;

/** Asserts that the left channel has what the call's own party played, the right one what the other did. */
function assertSides(file: string, rate: number, own: Party, other: Party): void {
  const { sampleRate, channels } = readWav(file);
  assert.equal(sampleRate, rate);
  assert.equal(channels.length, 2);
  for (const [index, has, lacks] of [
    [0, own, other],
    [1, other, own],
  ] as const) {
    // The purest stretch: a busy machine skips packets, which breaks a tone up here and there.
    const share = purestShare(channels[index], [TONES[has]], rate);
    assert.ok(share > 0.95, `channel ${index}: ${share} of it is what the ${has} party played`);
    const alien = purestShare(channels[index], [TONES[lacks]], rate);
    assert.ok(alien < 0.5, `channel ${index}: has the ${lacks} party too (${alien})`);
    assert.ok(soundSpan(channels[index]), `channel ${index} is silent`);
  }
}

describe('sip-record and sip-bridge together', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    for (const party of ['near', 'far'] as const) {
      writeTone(join(bench.userDir, `${party}.wav`), SECONDS, TONES[party]);
    }
  });
  afterEach(async () => bench.close());

  const answering = (dn: string): FlowNode[] => [
    { id: `ring${dn}`, type: 'sip-incoming-call', instance: `phone${dn}`, wires: [[`pick${dn}`]] },
    { id: `pick${dn}`, type: 'sip-answer', wires: [[`picked${dn}`]] },
  ];
  const dial = (id: string, target: string, codecs: string): FlowNode => ({
    id,
    type: 'sip-make-call',
    instance: 'phone1001',
    target,
    codecs,
    wires: [[`${id}-up`], [], []],
  });
  const record = (id: string): FlowNode => ({
    id,
    type: 'sip-record',
    file: `${id}.wav`,
    channels: 'stereo',
    wires: [[`${id}-done`], [], [`${id}-runs`]],
  });
  const play = (party: Party): FlowNode => ({
    id: party,
    type: 'sip-play-audio',
    source: `${party}.wav`,
    wires: [[`${party}-played`]],
  });

  for (const farCodec of ['PCMU', 'G722']) {
    it(`a recording of either call has both parties, begun before and during the bridge: PCMU with ${farCodec}`, async () => {
      await bench.load(
        ...['1001', '1002', '1003'].map((dn) => phone(dn, { codecs: 'PCMU, G722' })),
        ...answering('1002'),
        ...answering('1003'),
        dial('dial', '1002', 'PCMU'),
        dial('consult', '1003', farCodec),
        {
          id: 'bridge',
          type: 'sip-bridge',
          peerCall: 'consult',
          peerCallType: 'msg',
          wires: [[], [], ['bridged']],
        },
        ...[record('early'), record('late'), play('near'), play('far')],
        { id: 'end', type: 'sip-hangup', wires: [['over']] },
        catchAll,
      );
      bench.send('dial');
      const caller = callOf(await bench.next('dial-up'));
      const near = callOf(await bench.next('picked1002'));
      bench.send('consult');
      const consult = callOf(await bench.next('consult-up'));
      const far = callOf(await bench.next('picked1003'));

      bench.send('early', { call: caller });
      await bench.next('early-runs');
      bench.send('bridge', { call: caller, consult });
      await bench.next('bridged');
      bench.send('late', { call: consult });
      await bench.next('late-runs');
      bench.send('near', { call: near });
      bench.send('far', { call: far });
      await bench.next('near-played');
      await bench.next('far-played');
      // What was played last is still in jitter buffers and between the calls.
      await new Promise((resolve) => setTimeout(resolve, 500));
      bench.send('early', { call: caller, action: 'stop' });
      bench.send('late', { call: consult, action: 'stop' });
      const fileOf = async (id: string): Promise<string> =>
        ((await bench.next(`${id}-done`)).recording as RecordingReport).file;
      assertSides(await fileOf('early'), 8000, 'near', 'far');
      assertSides(await fileOf('late'), farCodec === 'G722' ? 16_000 : 8000, 'far', 'near');
      for (const call of [caller, consult]) bench.send('end', { call });
      await bench.next('over');
      await bench.next('over');
    });
  }
});
