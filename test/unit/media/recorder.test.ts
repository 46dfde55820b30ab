import assert from 'node:assert/strict';
import type { FileClient } from '../../../lib/media/worker/file-client';
import { MAX_QUEUED_MS, type CreateRequest, type FileEvent } from '../../../lib/media/files/protocol';
import { Recorder } from '../../../lib/media/worker/record/recorder';
import type { RecordingResult, RecordRequest } from '../../../lib/media/types';
import type { Failure } from '../../../lib/common/errors';

/** A file worker that keeps everything in memory and answers when the test says so. */
class FakeFiles {
  request: CreateRequest | undefined;
  readonly samples: number[] = [];
  readonly blocks: number[] = [];
  acknowledge = true;
  finished = false;
  handler: (event: FileEvent) => void = () => undefined;

  asClient(): FileClient {
    return this as unknown as FileClient;
  }

  create(request: CreateRequest, handler: (event: FileEvent) => void): number {
    this.request = request;
    this.handler = handler;
    return 1;
  }

  write(_id: number, silence: number, data: ArrayBuffer): void {
    for (let index = 0; index < silence / 2; index++) this.samples.push(0);
    this.samples.push(...new Int16Array(data));
    this.blocks.push(data.byteLength);
    if (this.acknowledge) this.handler({ type: 'written', id: 1, bytes: data.byteLength });
  }

  finish(): void {
    this.finished = true;
    this.handler({ type: 'finished', id: 1, file: '/x/y.wav', dataBytes: this.samples.length * 2 });
  }
}

interface Rig {
  files: FakeFiles;
  recorder: Recorder;
  results: RecordingResult[];
  failures: Failure[];
  /** Runs packet times from one moment to another. */
  run: (fromMs: number, toMs: number, each?: (ms: number) => void) => void;
}

function rig(request: Partial<RecordRequest>, startMs = 0): Rig {
  const files = new FakeFiles();
  const results: RecordingResult[] = [];
  const failures: Failure[] = [];
  const recorder = new Recorder(
    files.asClient(),
    { file: '/x/y.wav', channels: 'stereo', ...request },
    8000,
    startMs,
    {
      started: () => undefined,
      finished: (result) => results.push(result),
      failed: (failure) => failures.push(failure),
    },
    1,
  );
  const run: Rig['run'] = (fromMs, toMs, each) => {
    for (let ms = fromMs; ms < toMs; ms += 20) {
      each?.(ms);
      recorder.tick(ms);
    }
  };
  return { files, recorder, results, failures, run };
}

const frame = (value: number): Int16Array => new Int16Array(160).fill(value);

describe('media: recorder', () => {
  it('follows the clock when nothing at all is sent or received', () => {
    const { files, recorder, results, run } = rig({ channels: 'mixed' }, 1000);
    run(1000, 3000);
    recorder.stop('stopped', 3000);
    assert.equal(files.samples.length, 16000);
    assert.ok(files.samples.every((sample) => sample === 0));
    assert.equal(results[0].durationMs, 2000);
    assert.equal(results[0].reason, 'stopped');
    assert.ok(recorder.over);
  });

  it('stereo: left is what we received at its place, right what we sent; gaps are silence', () => {
    const { files, recorder, run } = rig({});
    run(0, 1000, (ms) => {
      if (ms % 40 === 0) recorder.writeSent(frame(7), 160, 8000, ms);
      if (ms === 500) recorder.writeReceived(frame(9), 160, 8000, 480 * 8, ms * 8);
      if (ms === 520) recorder.writeReceived(frame(8), 160, 8000, 460 * 8, ms * 8);
    });
    recorder.stop('stopped', 1000);
    const left = files.samples.filter((_, index) => index % 2 === 0);
    const right = files.samples.filter((_, index) => index % 2 === 1);
    assert.equal(left.length, 8000);
    left.forEach((sample, index) => {
      const ms = index / 8;
      assert.equal(sample, ms >= 460 && ms < 480 ? 8 : ms >= 480 && ms < 500 ? 9 : 0, `${ms} ms`);
    });
    right.forEach((sample, index) => assert.equal(sample, (index / 8) % 40 < 20 ? 7 : 0));
  });

  it('mixed: the saturated sum; received and sent alone: one of them', () => {
    const expected = { mixed: 32767, received: 30000, sent: 20000 };
    for (const channels of ['mixed', 'received', 'sent'] as const) {
      const { files, recorder } = rig({ channels });
      recorder.writeReceived(frame(30000), 160, 8000, 0, 0);
      recorder.writeSent(frame(20000), 160, 8000, 0);
      recorder.stop('stopped', 20);
      assert.deepEqual(files.samples, Array.from(frame(expected[channels])));
    }
  });

  it('has the last packet to its end, of either side, when it is stopped in the middle of it', () => {
    const tail = { sent: 160, received: 320, mixed: 320, stereo: 320 };
    for (const [channels, samples] of Object.entries(tail)) {
      const { files, recorder, run } = rig({ channels: channels as RecordRequest['channels'] });
      run(0, 1000);
      recorder.writeSent(frame(5), 160, 8000, 1000);
      recorder.writeReceived(frame(5), 160, 8000, 1020 * 8, 1001 * 8);
      recorder.stop('stopped', 1001);
      const frames = files.samples.length / (channels === 'stereo' ? 2 : 1);
      assert.equal(frames, 8000 + samples, channels);
      assert.equal(files.samples.at(-1), channels === 'stereo' ? 0 : 5, channels);
    }
  });

  it('a packet from far ahead does not make a recording long, nor longer than its limit', () => {
    const { results, recorder } = rig({ channels: 'mixed' });
    recorder.writeReceived(frame(5), 160, 8000, 1500 * 8, 0);
    recorder.stop('stopped', 100);
    assert.equal(results[0].durationMs, 100);
    const limited = rig({ channels: 'mixed', maxDurationMs: 110 });
    limited.recorder.writeReceived(frame(5), 160, 8000, 100 * 8, 100 * 8);
    limited.recorder.stop('stopped', 100);
    assert.equal(limited.results[0].durationMs, 110);
  });

  it('pitfall 11: a block is written every 500 ms, so a kill loses less than a second', () => {
    const { files, recorder, run } = rig({});
    let written = 0;
    run(0, 10_000, (ms) => {
      const lag = ms - files.samples.length / 16;
      assert.ok(lag <= 740, `${lag} ms not yet written`);
      written = files.blocks.length;
    });
    recorder.stop('stopped', 10_000);
    assert.ok(written >= 18 && written <= 20, String(written));
  });

  it('stops at its maximum duration to the sample', () => {
    const { files, results, run } = rig({ channels: 'sent', maxDurationMs: 1234 });
    run(0, 3000);
    assert.equal(results.length, 1);
    assert.equal(results[0].reason, 'max-duration');
    assert.equal(files.samples.length, 1234 * 8);
  });

  it('stops when the peer was silent for long enough; our own sound does not count', () => {
    const { recorder, results, run } = rig({ silenceStopMs: 500, silenceLevelDbfs: -40 });
    run(0, 2000, (ms) => {
      recorder.writeSent(frame(20000), 160, 8000, ms);
      if (ms < 1000) recorder.writeReceived(frame(1000), 160, 8000, ms * 8, ms * 8);
      else recorder.writeReceived(frame(100), 160, 8000, ms * 8, ms * 8);
    });
    assert.equal(results.length, 1);
    assert.equal(results[0].reason, 'silence');
    assert.ok(Math.abs(results[0].durationMs - 1480) <= 20, String(results[0].durationMs));
  });

  it('a pause leaves out what happens in it, and its time', () => {
    const { files, recorder, run } = rig({ channels: 'sent', maxDurationMs: 900 });
    const send = (ms: number): void =>
      recorder.writeSent(frame(ms < 500 || ms >= 1500 ? 1 : 2), 160, 8000, ms);
    run(0, 500, send);
    recorder.pause(500);
    run(500, 1500, send);
    recorder.resume(1500);
    run(1500, 2500, send);
    assert.ok(recorder.over);
    assert.equal(files.samples.length, 900 * 8);
    assert.ok(files.samples.every((sample) => sample === 1));
  });

  it('a disk that is too slow costs audio but neither memory nor length', () => {
    const { files, recorder, results, run } = rig({ channels: 'sent' });
    files.acknowledge = false;
    run(0, 10_000, (ms) => recorder.writeSent(frame(5), 160, 8000, ms));
    const queued = files.blocks.reduce((sum, bytes) => sum + bytes, 0) / 16;
    assert.ok(queued <= MAX_QUEUED_MS, `${queued} ms`);
    assert.ok(recorder.overflowMs > 5000);
    files.acknowledge = true;
    for (const bytes of files.blocks.slice()) files.handler({ type: 'written', id: 1, bytes });
    run(10_000, 12_000, (ms) => recorder.writeSent(frame(6), 160, 8000, ms));
    recorder.stop('stopped', 12_000);
    assert.equal(results[0].durationMs, 12_000);
    assert.equal(files.samples.length, 96_000);
    assert.equal(files.samples[95_999], 6);
    assert.equal(results[0].lostMs, recorder.overflowMs);
  });

  it('a stall of the thread of many seconds becomes silence of that length', () => {
    const { files, recorder, run } = rig({ channels: 'sent' });
    run(0, 1000, (ms) => recorder.writeSent(frame(5), 160, 8000, ms));
    run(11_000, 12_000, (ms) => recorder.writeSent(frame(6), 160, 8000, ms));
    recorder.stop('stopped', 12_000);
    assert.equal(files.samples.length, 96_000);
    assert.ok(files.samples.slice(8_000, 88_000).every((sample) => sample === 0));
    assert.ok(files.samples.slice(88_000).every((sample) => sample === 6));
  });

  it('goes on at its own rate after a change to a codec of another one', () => {
    const { files, recorder, run } = rig({ channels: 'stereo' });
    run(0, 1000, (ms) => {
      const wide = ms >= 500;
      const pcm = new Int16Array(wide ? 320 : 160).fill(wide ? 2 : 1);
      recorder.writeSent(pcm, pcm.length, wide ? 16000 : 8000, ms);
      const rate = wide ? 16000 : 8000;
      recorder.writeReceived(pcm, pcm.length, rate, (ms * rate) / 1000, (ms * rate) / 1000);
    });
    recorder.stop('stopped', 1000);
    assert.equal(files.samples.length, 16_000);
    files.samples.forEach((sample, index) => {
      if (index < 7990) assert.equal(sample, 1);
      if (index > 8010) assert.equal(sample, 2);
    });
  });

  it('a disk fault ends it with the failure', () => {
    const { files, recorder, failures, results, run } = rig({});
    run(0, 100);
    files.handler({ type: 'failed', id: 1, failure: { code: 'FILE_ACCESS', message: 'the disk is full' } });
    run(100, 2000);
    recorder.stop('hangup', 2000);
    assert.deepEqual(failures, [{ code: 'FILE_ACCESS', message: 'the disk is full' }]);
    assert.equal(results.length, 0);
  });
});
