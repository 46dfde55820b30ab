import assert from 'node:assert/strict';
import type { Heard } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, errorOf, type FlowNode } from './support/bench';
import { answeredCall } from './support/calls';

const heardOf = (msg: FlowMessage): Heard => msg.heard as Heard;

const listen = (id: string, what: string, reference = ''): FlowNode => ({
  ...{ id, type: 'sip-listen', for: what, reference, timeout: '10' },
  wires: [[`${id} heard`], [`${id} not`], [`${id} ended`]],
});
const play = {
  ...{ id: 'play', type: 'sip-play-audio', source: 'sound', sourceType: 'msg', maxDuration: '1.6' },
  wires: [['played']],
};

describe('sip-listen for who answers, and for tones', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  it('a fax terminal leaves by the first output; who waits for a person gets it by the second at once', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      listen('who', 'answerer'),
      listen('person', 'answerer', 'human'),
      play,
    );
    bench.send('who', { call: caller });
    bench.send('person', { call: caller });
    bench.send('play', { call: callee, sound: 'tone:2100' });
    const heard = heardOf(await bench.next('who heard'));
    assert.deepEqual([heard.what, heard.why, heard.frequencies], ['fax', 'ced', [2100]]);
    const instead = heardOf(await bench.next('person not'));
    assert.equal(instead.what, 'fax');
    await bench.next('played');
  });

  it('waits for the end of the beep of a machine', async () => {
    const { caller, callee } = await answeredCall(bench, listen('beep', 'answerer', 'beep'), {
      ...play,
      maxDuration: '',
    });
    bench.send('beep', { call: caller });
    for (const sound of ['sipflow:welcome', 'sipflow:prompt', 'sipflow:beep']) {
      bench.send('play', { call: callee, sound });
      await bench.next('played');
    }
    const heard = heardOf(await bench.next('beep heard'));
    assert.equal(heard.what, 'beep', JSON.stringify(heard));
    assert.ok(Math.abs(heard.endMs - heard.startMs - 250) < 60, JSON.stringify(heard));
    await bench.statusOf('beep', [/^beep/]);
  });

  it('hears busy, tells another tone from it, and refuses one that there is none of', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      listen('busy', 'tone', 'busy-kr'),
      listen('milliwatt', 'tone', '1004'),
      { ...listen('other', 'tone', 'dial-de'), timeout: '2.5' },
      listen('none', 'tone', 'busy-xx'),
      listen('dog', 'answerer', 'dog'),
      { ...play, maxDuration: '2.6' },
    );
    bench.send('busy', { call: caller });
    bench.send('other', { call: caller });
    bench.send('play', { call: callee, sound: 'tone:busy-kr' });
    const busy = heardOf(await bench.next('busy heard'));
    assert.deepEqual([busy.what, busy.reference], ['busy', 'busy-kr']);
    const other = heardOf(await bench.next('other not'));
    assert.equal(other.what, 'tone');
    assert.deepEqual(other.frequencies?.toSorted(), [480, 620]);
    await bench.next('played');
    bench.send('milliwatt', { call: caller });
    bench.send('play', { call: callee, sound: 'tone:1004' });
    assert.equal(heardOf(await bench.next('milliwatt heard')).reference, '1004');
    for (const [id, words] of [
      ['none', /"busy-xx" is no tone to listen for/],
      ['dog', /"dog" cannot be waited for/],
    ] as const) {
      bench.send(id, { call: caller });
      const error = errorOf(await bench.next('errors'));
      assert.equal(error.code, 'BAD_AUDIO');
      assert.match(error.message ?? '', words);
    }
  });
});
