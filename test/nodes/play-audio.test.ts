import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DtmfResult, PlaybackReport } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, errorOf } from './support/bench';
import { answeredCall, ringingCall } from './support/calls';
import { writeTone } from './support/wav';

const play = (fields: Record<string, unknown> = {}) => ({
  id: 'play',
  type: 'sip-play-audio',
  source: 'short.wav',
  ...fields,
  wires: [['completed'], ['interrupted'], ['ended'], ['started']],
});
const hangup = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const press = { id: 'press', type: 'sip-send-dtmf', digits: 'keys', digitsType: 'msg', wires: [['pressed']] };
const playback = (msg: FlowMessage) => msg.playback as PlaybackReport;

describe('sip-play-audio', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    writeTone(join(bench.userDir, 'short.wav'), 0.3);
    writeTone(join(bench.userDir, 'long.wav'), 20);
  });
  afterEach(async () => bench.close());

  it('plays a file of the sound folder and leaves by "completed" with what was played', async () => {
    const { caller } = await answeredCall(bench, play());
    const res = { marker: () => undefined };
    bench.send('play', { call: caller, res });
    const started = await bench.next('started');
    assert.equal(started.playback, undefined);
    const msg = await bench.next('completed');
    assert.equal(msg.res, res);
    assert.equal(playback(msg).reason, 'completed');
    assert.ok(Math.abs(playback(msg).durationMs - 300) <= 1, `durationMs ${playback(msg).durationMs}`);
    assert.ok(Math.abs(playback(msg).playedMs - 300) <= 20, `playedMs ${playback(msg).playedMs}`);
  });

  it('stops after maxDuration and still counts as completed', async () => {
    const { caller } = await answeredCall(
      bench,
      play({ source: 'long.wav', maxDuration: '0.2', maxDurationType: 'num' }),
    );
    bench.send('play', { call: caller });
    assert.equal(playback(await bench.next('completed')).reason, 'max-duration');
  });

  it('is interrupted by a key, which is then the first digit of a gather', async () => {
    const gather = {
      id: 'gather',
      type: 'sip-receive-dtmf',
      maxDigits: '2',
      maxDigitsType: 'num',
      wires: [['digits']],
    };
    const node = play({ source: 'long.wav', bargeInType: 'any' });
    const { caller, callee } = await answeredCall(bench, node, press, gather);
    bench.send('play', { call: callee });
    await bench.next('started');
    bench.send('press', { call: caller, keys: '71' });
    const msg = await bench.next('interrupted');
    assert.equal(playback(msg).reason, 'dtmf');
    assert.equal(playback(msg).digit, '7');
    bench.send('gather', { call: callee });
    assert.equal(((await bench.next('digits')).dtmf as DtmfResult).digits, '71');
  });

  it('is stopped by msg.action, which goes no further itself', async () => {
    const { caller } = await answeredCall(bench, play({ source: 'long.wav' }));
    bench.send('play', { call: caller, payload: 'the playback' });
    await bench.next('started');
    bench.send('play', { call: caller.id, action: 'stop', payload: 'the control' });
    const msg = await bench.next('interrupted');
    assert.equal(msg.payload, 'the playback');
    assert.equal(playback(msg).reason, 'stopped');
    assert.equal(bench.count('interrupted'), 1);
  });

  it('pauses and resumes by msg.action, and ignores any other action', async () => {
    const { caller } = await answeredCall(bench, play());
    bench.send('play', { call: caller, action: 'whatever' });
    await bench.next('started');
    bench.send('play', { call: caller, action: 'pause' });
    // Longer than the sound: nothing can be awaited when nothing is to come.
    await delay(1000);
    assert.equal(bench.count('completed'), 0, 'a paused playback does not end');
    bench.send('play', { call: caller, action: 'resume' });
    assert.equal(playback(await bench.next('completed')).reason, 'completed');
  });

  it('raises CALL_STATE for a control message when nothing plays', async () => {
    const { caller } = await answeredCall(bench, play());
    bench.send('play', { call: caller, action: 'stop' });
    assert.equal(errorOf(await bench.next('errors')).code, 'CALL_STATE');
  });

  it('leaves by "ended" when the call ends underneath, and when it was over before', async () => {
    const { caller, callee } = await answeredCall(bench, play({ source: 'long.wav' }), hangup);
    bench.send('play', { call: caller });
    await bench.next('started');
    bench.send('end', { call: callee });
    assert.equal(playback(await bench.next('ended')).reason, 'hangup');
    await bench.next('over');
    bench.send('play', { call: caller });
    const late = await bench.next('ended');
    assert.deepEqual(playback(late), { source: 'long.wav', durationMs: 0, playedMs: 0, reason: 'hangup' });
  });

  it('pitfall 1: waits for media and then raises MEDIA_NOT_READY with the state of the call', async () => {
    const { callee } = await ringingCall(bench, play());
    bench.send('play', { call: callee });
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'MEDIA_NOT_READY');
    assert.match(error.message, /ringing/);
  });

  it('pitfall 1: plays at once after the answer, with no delay between', async () => {
    const pick = { id: 'pick-up', type: 'sip-answer', wires: [['play']] };
    const { callee } = await ringingCall(bench, pick, play());
    bench.send('pick-up', { call: callee });
    assert.equal(playback(await bench.next('completed')).reason, 'completed');
  });

  it('raises FILE_NOT_FOUND for a file that is not there', async () => {
    const { caller } = await answeredCall(bench, play({ source: 'missing.wav' }));
    bench.send('play', { call: caller });
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'FILE_NOT_FOUND');
    assert.match(error.message, /missing\.wav/);
  });

  it('raises BAD_AUDIO for a file that is no WAV, for an object and for nothing', async () => {
    writeFileSync(join(bench.userDir, 'broken.wav'), 'this is no audio');
    const { caller } = await answeredCall(bench, play({ source: 'what', sourceType: 'msg' }));
    for (const what of ['broken.wav', { no: 'audio' }, '']) {
      bench.send('play', { call: caller, what });
      assert.equal(errorOf(await bench.next('errors')).code, 'BAD_AUDIO', JSON.stringify(what));
    }
  });

  it('raises CALL_UNKNOWN, saying what it got, when the message has no call', async () => {
    await bench.load(play(), { id: 'catch-all', type: 'catch', scope: null, wires: [['errors']] });
    for (const call of [undefined, 'call-nobody-knows', { id: 7 }, 42]) {
      bench.send('play', { call });
      assert.equal(errorOf(await bench.next('errors')).code, 'CALL_UNKNOWN', JSON.stringify(call));
    }
  });
});
