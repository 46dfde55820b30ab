import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordingReport } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, errorOf } from './support/bench';
import { answeredCall } from './support/calls';
import { levelDbfs, readWav, writeTone } from './support/wav';

const record = (fields: Record<string, unknown> = {}) => ({
  id: 'record',
  type: 'sip-record',
  file: 'test.wav',
  channels: 'stereo',
  ...fields,
  wires: [['finished'], ['failed'], ['started']],
});
const hangup = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const play = { id: 'play', type: 'sip-play-audio', source: 'tone.wav', wires: [['played']] };
const recording = (msg: FlowMessage) => msg.recording as RecordingReport;

describe('sip-record', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
    writeTone(join(bench.userDir, 'tone.wav'), 0.5);
  });
  afterEach(async () => bench.close());

  it('records both sides and finishes when the call ends: left is heard, right is sent', async () => {
    const { caller, callee } = await answeredCall(bench, record(), play, hangup);
    bench.send('record', { call: callee, payload: 'kept' });
    await bench.next('started');
    bench.send('play', { call: caller });
    await bench.next('played');
    bench.send('end', { call: caller });
    const msg = await bench.next('finished');
    assert.equal(msg.payload, 'kept');
    assert.equal(recording(msg).reason, 'hangup');
    assert.equal(relative(bench.userDir, recording(msg).file), join('sip-recordings', 'test.wav'));
    const [heard, sent] = readWav(recording(msg).file).channels;
    assert.ok(heard && sent);
    assert.ok(levelDbfs(heard) > -30, `heard ${levelDbfs(heard)} dBFS`);
    assert.ok(levelDbfs(sent) < -60, `sent ${levelDbfs(sent)} dBFS`);
    await bench.next('over');
  });

  it('is stopped by msg.action, and the file says how long it ran', async () => {
    const { callee } = await answeredCall(bench, record({ maxDuration: '0.5', maxDurationType: 'num' }));
    bench.send('record', { call: callee });
    await bench.next('started');
    bench.send('record', { call: callee.id, action: 'stop' });
    const { reason, file, durationMs } = recording(await bench.next('finished'));
    assert.equal(reason, 'stopped');
    const { rate, channels } = readWav(file);
    assert.ok(Math.abs(((channels[0]?.length ?? 0) / rate) * 1000 - durationMs) <= 20);
  });

  it('leaves out what happens between pause and resume by msg.action', async () => {
    const { caller, callee } = await answeredCall(bench, record(), play, hangup);
    bench.send('record', { call: callee });
    await bench.next('started');
    bench.send('record', { call: callee, action: 'pause' });
    bench.send('play', { call: caller });
    await bench.next('played');
    // The last packets are on their way still.
    await delay(300);
    bench.send('record', { call: callee, action: 'resume' });
    bench.send('play', { call: caller });
    await bench.next('played');
    bench.send('end', { call: caller });
    const { file } = recording(await bench.next('finished'));
    const { rate, channels } = readWav(file);
    const loud = (channels[0] ?? []).filter((sample) => Math.abs(sample) > 0.03).length / rate;
    assert.ok(loud > 0.3 && loud < 0.6, `${loud} s of the tone, which was played twice for half a second`);
    await bench.next('over');
  });

  it('finishes after maxDuration', async () => {
    const { callee } = await answeredCall(bench, record({ maxDuration: '0.3', maxDurationType: 'num' }));
    bench.send('record', { call: callee });
    const { reason, durationMs } = recording(await bench.next('finished'));
    assert.equal(reason, 'max-duration');
    assert.ok(Math.abs(durationMs - 300) <= 20, `durationMs ${durationMs}`);
  });

  it('pitfall 4: two recordings with one name become two files', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      record({ maxDuration: '0.2', maxDurationType: 'num' }),
    );
    bench.send('record', { call: caller });
    bench.send('record', { call: callee });
    const files = [
      recording(await bench.next('finished')).file,
      recording(await bench.next('finished')).file,
    ];
    assert.equal(new Set(files).size, 2);
    for (const file of files) readWav(file);
  });

  it('keeps a name from leaving the recordings folder', async () => {
    const node = record({ file: 'where', fileType: 'msg', maxDuration: '0.1', maxDurationType: 'num' });
    const { callee } = await answeredCall(bench, node);
    bench.send('record', { call: callee, where: '../../outside.wav' });
    const { file } = recording(await bench.next('finished'));
    assert.equal(dirname(file), join(bench.userDir, 'sip-recordings'));
  });

  it('leaves by "failed" with FILE_ACCESS when the folder cannot be written', async () => {
    const blocked = join(bench.userDir, 'sip-recordings');
    rmSync(blocked, { recursive: true, force: true });
    writeFileSync(blocked, 'a file where the folder should be');
    const { callee } = await answeredCall(bench, record());
    bench.send('record', { call: callee });
    const msg = await bench.next('failed');
    assert.equal((msg.failure as { code: string }).code, 'FILE_ACCESS');
    rmSync(blocked);
    mkdirSync(blocked);
  });

  it('raises CALL_ENDED, with who ended it, on a call that is over', async () => {
    const { caller } = await answeredCall(bench, record(), hangup);
    bench.send('end', { call: caller });
    await bench.next('over');
    bench.send('record', { call: caller });
    const error = errorOf(await bench.next('errors'));
    assert.equal(error.code, 'CALL_ENDED');
    assert.match(error.message, /ended/i);
  });
});
