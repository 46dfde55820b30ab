import assert from 'node:assert/strict';
import type { CallRef, RecordingReport } from '../../lib/calls';
import type { Failure } from '../../lib/common';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { readWav, windowShare } from '../wire/media/support/tones';
import { Bench, callOf, catchAll, errorOf, phone, type FlowNode } from './support/bench';

interface Conference {
  type: string;
  room: string;
  calls: string[];
  reason?: string;
  durationMs?: number;
}

const conferenceOf = (msg: FlowMessage): Conference => msg.conference as Conference;

/** Whether every one of these tones is clearly heard in some 100 ms of the file. */
function hasTogether(file: string, tones: readonly number[]): boolean {
  const { channels, sampleRate } = readWav(file);
  const size = sampleRate / 10;
  for (let from = 0; from + size <= channels[0].length; from += size) {
    const window = channels[0].subarray(from, from + size);
    if (tones.every((hz) => windowShare(window, hz, sampleRate) > 0.25)) return true;
  }
  return false;
}

describe('sip-conference', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(async () => bench.close());

  /** Phone 1001 calls; 1002 answers. `join`, `leave` and `end` act on a message's call. */
  const flow: FlowNode[] = [
    phone('1001', { maxCalls: '40' }),
    phone('1002', { maxCalls: '40' }),
    { id: 'dial', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['dialled']] },
    { id: 'ring', type: 'sip-incoming-call', instance: 'phone1002', wires: [['pick']] },
    { id: 'pick', type: 'sip-answer', wires: [['picked']] },
    {
      ...{ id: 'join', type: 'sip-conference', room: 'room', roomType: 'msg' },
      wires: [['left'], ['failed'], ['joined']],
    },
    { id: 'leave', type: 'sip-conference', action: 'leave', wires: [['taken-out'], ['unmoved'], []] },
    { id: 'end', type: 'sip-hangup', wires: [['over']] },
    catchAll,
  ];

  /** A new call, as both sides see it. */
  const connect = async (): Promise<{ caller: CallRef; member: CallRef }> => {
    bench.send('dial');
    return { caller: callOf(await bench.next('dialled')), member: callOf(await bench.next('picked')) };
  };
  const join = async (member: CallRef, room = 'sales'): Promise<FlowMessage> => {
    bench.send('join', { call: member, room });
    return bench.next('joined');
  };

  it('tells of each who joins and leaves, by a leave node, by stop and by hanging up', async () => {
    await bench.load(...flow);
    const calls = [await connect(), await connect(), await connect()];
    const [one, two, three] = calls.map(({ member }) => member.id);
    const joined = [];
    for (const { member } of calls) joined.push(conferenceOf(await join(member)));
    assert.deepEqual(joined, [
      { type: 'sip-conference', room: 'sales', calls: [one] },
      { type: 'sip-conference', room: 'sales', calls: [one, two] },
      { type: 'sip-conference', room: 'sales', calls: [one, two, three] },
    ]);

    bench.send('leave', { call: calls[0].member });
    const [leaver, taken] = [await bench.next('left'), await bench.next('taken-out')];
    for (const { conference } of [leaver, taken]) {
      const { durationMs, ...rest } = conference as Conference;
      assert.ok(Number.isInteger(durationMs));
      assert.deepEqual(rest, { type: 'sip-conference', room: 'sales', calls: [two, three], reason: 'left' });
    }
    // The call goes on, and may come back.
    assert.deepEqual(conferenceOf(await join(calls[0].member)).calls, [two, three, one]);

    bench.send('join', { call: calls[0].member.id, action: 'stop' });
    await bench.next('left');
    await bench.next('left');
    bench.send('end', { call: calls[1].caller });
    const { calls: rest, reason } = conferenceOf(await bench.next('left'));
    assert.deepEqual([rest, reason], [[three], 'hangup']);
  });

  it('keeps conferences of other names apart', async () => {
    await bench.load(...flow);
    const [one, two] = [await connect(), await connect()];
    await join(one.member, '4711');
    assert.deepEqual(conferenceOf(await join(two.member, '4712')).calls, [two.member.id]);
  });

  it('the 17th call leaves by failed with CONFERENCE_FULL, and joins once another has left', async () => {
    await bench.load(...flow);
    const members: CallRef[] = [];
    for (let count = 0; count < 17; count++) members.push((await connect()).member);
    for (const member of members.slice(0, 16)) await join(member);
    bench.send('join', { call: members[16], room: 'sales' });
    const failure = (await bench.next('failed')).failure as Failure;
    assert.equal(failure.code, 'CONFERENCE_FULL');
    assert.match(failure.message, /16 calls/);
    bench.send('leave', { call: members[0] });
    await bench.next('left');
    const { calls } = conferenceOf(await join(members[16]));
    assert.deepEqual(
      calls,
      members.slice(1).map(({ id }) => id),
    );
  });

  it('raises what a flow does wrong', async () => {
    await bench.load(...flow);
    const { member } = await connect();
    for (const [node, room, code, words] of [
      ['join', 'r'.repeat(65), 'BAD_CONFIG', /64 characters/],
      ['join', '', 'BAD_CONFIG', /name of a conference/],
      ['leave', '', 'CALL_STATE', /in no conference/],
    ] as const) {
      bench.send(node, { call: member, room });
      const { code: raised, message } = errorOf(await bench.next('errors'));
      assert.equal(raised, code);
      assert.match(message, words);
    }
    await join(member);
    bench.send('join', { call: member, room: 'other' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
  });

  it('a call that ends before it has media leaves by failed', async () => {
    await bench.load(...flow.map((node) => (node.id === 'ring' ? { ...node, wires: [['ringing']] } : node)));
    bench.send('dial');
    const call = callOf(await bench.next('ringing'));
    bench.send('join', { call, room: 'sales' });
    bench.send('end', { call });
    assert.equal(((await bench.next('failed')).failure as Failure).code, 'CALL_ENDED');
  });

  it('a deploy of the node takes its calls out of the conference', async () => {
    await bench.load(...flow);
    const [one, two] = [await connect(), await connect()];
    await join(one.member);
    await bench.deploy('nodes', (node) => (node.id === 'join' ? { ...node, name: 'new' } : node));
    assert.deepEqual(conferenceOf(await join(two.member)).calls, [two.member.id]);
  });

  it('an announcement is heard by all, together with the others; an empty conference is an ended call', async () => {
    const play = (id: string, source: string, call: string): FlowNode => ({
      ...{ id, type: 'sip-play-audio', source, call, callType: 'msg' },
      wires: [[`${id}-done`], [`${id}-stopped`], [`${id}-nobody`], [`${id}-runs`]],
    });
    await bench.load(...flow, play('talk', 'tone:440', 'call'), play('announce', 'tone:1100', 'conference'), {
      id: 'record',
      type: 'sip-record',
      file: '{{call}}.wav',
      channels: 'received',
      wires: [['recorded'], [], ['recording']],
    });
    const calls = [await connect(), await connect(), await connect()];
    let last: FlowMessage | undefined;
    for (const { member } of calls) last = await join(member);
    const listeners = calls.slice(1).map(({ caller }) => caller);
    bench.send('talk', { call: calls[0].caller });
    await bench.next('talk-runs');
    for (const call of listeners) {
      bench.send('record', { call });
      await bench.next('recording');
    }
    bench.send('announce', { conference: last?.conference });
    await bench.next('announce-runs');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    bench.send('announce', { conference: { type: 'sip-conference', room: 'sales' }, action: 'stop' });
    const { playback } = await bench.next('announce-stopped');
    assert.equal((playback as { reason: string }).reason, 'stopped');
    for (const call of listeners) {
      bench.send('record', { call, action: 'stop' });
      const { file } = (await bench.next('recorded')).recording as RecordingReport;
      assert.ok(hasTogether(file, [440, 1100]), `${file}: the speaker and the announcement at once`);
    }
    bench.send('announce', { conference: { type: 'sip-conference', room: 'nobody' } });
    const ended = (await bench.next('announce-nobody')).playback as { reason: string; playedMs: number };
    assert.deepEqual([ended.reason, ended.playedMs], ['hangup', 0]);
    bench.send('announce', { conference: { type: 'sip-conference', room: 7 } });
    assert.equal(errorOf(await bench.next('errors')).code, 'BAD_CONFIG');
  });
});
