import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMediaEngine, type MediaEngine } from '../../../lib/media';
import { assertNoLeaks, takeBaseline } from '../../support/leaks';
import { connectedPair, disturbedMs, untilFigures, withFolder } from './support/sessions';
import { readWav, sine, soundSpan, toneShare, windowShare, writeWav } from './support/tones';

describe('media: recordings', () => {
  let engine: MediaEngine;
  beforeEach(() => {
    engine = createMediaEngine({ workers: 2 });
  });
  afterEach(() => engine.close());

  it('pitfall 4: fifty parallel recordings with one name are fifty files, each of its own call only', function () {
    this.timeout(60_000);
    return withFolder(async (folder) => {
      const calls = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const hz = 400 + 50 * index;
          const prompt = join(folder, `prompt-${hz}.wav`);
          writeWav(prompt, sine(hz, 1000));
          const { a, b } = await connectedPair(engine);
          const recording = b.record({ file: join(folder, 'calls', 'same.wav'), channels: 'received' });
          await recording.started;
          await a.play({ source: prompt, loop: true }).started;
          return { hz, a, b, recording };
        }),
      );
      // What came too late to be played is not in the recordings.
      await Promise.all(
        calls.map(({ b }) => untilFigures(b, ({ received }) => (received.jitterBuffer?.inTime ?? 0) >= 100)),
      );
      const files = new Map<string, number>();
      let disturbed = 0;
      for (const { hz, a, b, recording } of calls) {
        recording.stop('stopped');
        const result = await recording.finished;
        files.set(result.file, hz);
        assert.equal(result.lostMs, undefined);
        disturbed += disturbedMs(await a.statistics(), await b.statistics()) / 20;
        await Promise.all([a.close(), b.close()]);
      }
      assert.equal(files.size, 50);
      assert.equal(readdirSync(join(folder, 'calls')).length, 50);
      assert.ok(files.has(join(folder, 'calls', 'same-50.wav')));
      let impure = 0;
      for (const [file, hz] of files) {
        const [samples] = readWav(file).channels;
        const span = soundSpan(samples);
        assert.ok(span && span.last - span.first > 8000, `${file} has ${hz} Hz`);
        // Each stretch of 100 ms holds this call's tone and nothing else.
        for (let from = span.first; from + 800 <= span.last; from += 800) {
          if (windowShare(samples.subarray(from, from + 800), hz) < 0.95) impure++;
        }
      }
      // A packet that is missing breaks the tone of one stretch, or of two when it lies on their border.
      assert.ok(impure <= 2 * disturbed, `${impure} stretches with ${disturbed} packets disturbed`);
    });
  });

  it('pitfall 8: sessions with recordings leave no descriptor, socket or timer', function () {
    this.timeout(60_000);
    return withFolder(async (folder) => {
      const { a, b } = await connectedPair(engine);
      await Promise.all([a.close(), b.close()]);
      takeBaseline();
      for (let round = 0; round < 5; round++) {
        const pairs = await Promise.all(Array.from({ length: 20 }, () => connectedPair(engine)));
        const recordings = pairs.flatMap((pair, index) =>
          [pair.a, pair.b].map((session) =>
            session.record({ file: join(folder, `${round}-${index}.wav`), channels: 'mixed' }),
          ),
        );
        await Promise.all(recordings.map((recording) => recording.started));
        // Half are finished properly, half of them by closing.
        await Promise.all(pairs.map((pair) => pair.a.finishRecordings('hangup')));
        await Promise.all(pairs.flatMap((pair) => [pair.a.close(), pair.b.close()]));
        for (const recording of recordings) assert.equal((await recording.finished).reason, 'hangup');
      }
      await assertNoLeaks();
      assert.equal(readdirSync(folder).length, 200);
    });
  });

  it('pitfall 11: after a kill -9 the file is playable and lacks the last second at most', function () {
    this.timeout(60_000);
    return withFolder(async (folder) => {
      const prompt = join(folder, 'prompt.wav');
      const file = join(folder, 'killed.wav');
      writeWav(prompt, sine(440, 1000));
      const script = join(__dirname, 'support', 'killed-recorder.ts');
      const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), script, prompt, file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      const started = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 3300));
      const recordedMs = performance.now() - started;
      child.kill('SIGKILL');
      await once(child, 'exit');
      const wav = readWav(file);
      const missing = recordedMs - wav.durationMs;
      assert.ok(missing < 1000, `${missing} ms of ${recordedMs} ms are missing`);
      const [left] = wav.channels;
      assert.ok(toneShare(left.subarray(8000, 16000), 440) > 0.95);
    });
  });

  it('follows the wall clock within a packet when the peer sends nothing', () =>
    withFolder(async (folder) => {
      const { a, b } = await connectedPair(engine);
      await a.close();
      const recording = b.record({ file: join(folder, 'quiet.wav'), channels: 'stereo' });
      const sent = performance.now();
      await recording.started;
      const began = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const asked = performance.now();
      recording.stop('stopped');
      const result = await recording.finished;
      const done = performance.now();
      const wav = readWav(result.file);
      assert.ok(Math.abs(wav.durationMs - result.durationMs) < 1);
      // Posting a message takes time on a busy machine: the length lies between the inner and the outer clock.
      assert.ok(result.durationMs <= done - sent + 20, `${result.durationMs} of ${done - sent} ms`);
      assert.ok(result.durationMs >= asked - began - 40, `${result.durationMs} of ${asked - began} ms`);
    }));

  it('stops by itself at its maximum duration, and when the peer fell silent', () =>
    withFolder(async (folder) => {
      const prompt = join(folder, 'prompt.wav');
      writeWav(prompt, sine(440, 700));
      const { a, b } = await connectedPair(engine);
      const limited = b.record({ file: join(folder, 'limited.wav'), channels: 'mixed', maxDurationMs: 500 });
      const silence = b.record({
        file: join(folder, 'silence.wav'),
        channels: 'received',
        silenceStopMs: 600,
      });
      await a.play({ source: prompt }).finished;
      const [one, two] = await Promise.all([limited.finished, silence.finished]);
      assert.deepEqual([one.reason, one.durationMs], ['max-duration', 500]);
      assert.equal(two.reason, 'silence');
      const [samples] = readWav(two.file).channels;
      const quietMs = (samples.length - soundSpan(samples)!.last) / 8;
      assert.ok(quietMs > 500 && quietMs < 750, `${quietMs} ms`);
    }));

  it('beeps on the sent channel first', () =>
    withFolder(async (folder) => {
      const { a, b } = await connectedPair(engine);
      const heard = a.record({ file: join(folder, 'heard.wav'), channels: 'received' });
      await heard.started;
      const recording = b.record({
        file: join(folder, 'beep.wav'),
        channels: 'stereo',
        beep: true,
        maxDurationMs: 800,
      });
      await recording.finished;
      await a.finishRecordings('stopped');
      const far = readWav((await heard.finished).file).channels[0];
      const near = readWav((await recording.finished).file).channels[1];
      // A machine that stalls makes the sender skip deadlines and count them; the tone then has gaps.
      const { skippedTicks } = await b.statistics();
      for (const samples of [far, near]) {
        const span = soundSpan(samples)!;
        const ms = (span.last - span.first) / 8;
        assert.ok(Math.abs(ms - 250) < 30 + 20 * skippedTicks, `${ms} ms`);
        if (skippedTicks === 0) assert.ok(toneShare(samples.subarray(span.first, span.last), 1000) > 0.95);
      }
    }));

  it('a file that cannot be written is FILE_ACCESS, and the call goes on', () =>
    withFolder(async (folder) => {
      const { a } = await connectedPair(engine);
      const under = join(folder, 'file');
      writeWav(under, sine(1, 1));
      const recording = a.record({ file: join(under, 'x.wav'), channels: 'mixed' });
      await assert.rejects(recording.started, { code: 'FILE_ACCESS' });
      await assert.rejects(recording.finished, { code: 'FILE_ACCESS' });
      await a.finishRecordings('hangup');
      const playback = a.play({ source: under });
      assert.equal((await playback.finished).reason, 'completed');
      if (process.getuid?.() === 0) return;
      chmodSync(folder, 0o500);
      const denied = a.record({ file: join(folder, 'y.wav'), channels: 'mixed' });
      await assert.rejects(denied.started, /no permission/);
      chmodSync(folder, 0o700);
    }));
});
