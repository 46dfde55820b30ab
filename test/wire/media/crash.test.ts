import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Failure } from '../../../lib/common/errors';
import { WorkerMediaEngine } from '../../../lib/media/engine';
import { caughtUp, connectedPair, packetTimes, RANGE, withFolder } from './support/sessions';
import { restartPauseMs } from '../../../lib/media/file-worker';
import { readWav, sine, writeWav } from './support/tones';

describe('media: a worker that dies', () => {
  it('ends its own calls with an error, finishes their files, and is replaced', () =>
    withFolder(async (folder) => {
      const engine = new WorkerMediaEngine({ workers: 2 });
      const { a, b, portA, portB } = await connectedPair(engine);
      const failures: Failure[] = [];
      for (const session of [a, b]) session.on('failed', (failure) => failures.push(failure));
      const recordings = [a, b].map((session, index) =>
        session.record({ file: join(folder, `${index}.wav`), channels: 'stereo' }),
      );
      await Promise.all(recordings.map((recording) => recording.started));
      const playback = a.play({ source: 'silence' });
      await playback.started;
      await packetTimes(a, 50);
      const digits = a.sendDigits({ digits: '123456789', method: 'rfc4733', toneMs: 200, gapMs: 100 });
      const pending = assert.rejects(digits, { code: 'INTERNAL' });

      // The two sessions are on different workers; only the one of `a` dies.
      assert.equal(engine.workers.length, 2);
      await engine.workers[0].end();
      await pending;
      assert.equal(failures.length, 1);
      assert.equal(failures[0].code, 'INTERNAL');
      await assert.rejects(playback.finished, { code: 'INTERNAL' });
      await assert.rejects(recordings[0].finished, { code: 'INTERNAL' });
      await assert.rejects(a.sendDigits({ digits: '1', method: 'rfc4733', toneMs: 100, gapMs: 60 }));
      await a.finishRecordings('hangup');
      await a.statistics();
      await a.close();

      // The other call notices nothing.
      await b.finishRecordings('hangup');
      assert.equal((await recordings[1].finished).reason, 'hangup');
      await packetTimes(b, 10);
      await b.close();

      // The pair of the dead worker is free again, and new calls work.
      const again = await engine.reserve({ ...RANGE, portMin: portA.rtpPort, portMax: portA.rtcpPort });
      assert.equal(again.rtpPort, portA.rtpPort);
      await again.release();
      assert.notEqual(portA.rtpPort, portB.rtpPort);
      const pair = await connectedPair(engine);
      await new Promise<void>((resolve) => pair.b.on('receiving', resolve));
      await engine.close();
      const saved = readWav(join(folder, '0.wav'));
      assert.ok(saved.durationMs > 300, `${saved.durationMs} ms`);
    }));

  it('a file thread that dies costs what it was doing; the calls go on, and it is replaced', () =>
    withFolder(async (folder) => {
      const engine = new WorkerMediaEngine({ workers: 1 });
      const { a, b } = await connectedPair(engine);
      const lost = a.record({ file: join(folder, 'lost.wav'), channels: 'mixed' });
      await lost.started;
      await engine.files?.end();
      await assert.rejects(lost.finished, { code: 'FILE_ACCESS' });
      const again = a.record({ file: join(folder, 'again.wav'), channels: 'mixed', maxDurationMs: 200 });
      assert.equal((await again.finished).reason, 'max-duration');
      await caughtUp(a, b, 10);
      assert.equal((await b.statistics()).received.lost, 0);
      await engine.close();
    }));

  it('a file thread that dies ten times in a minute is replaced each time, also for calls that go on', () =>
    withFolder(async (folder) => {
      const engine = new WorkerMediaEngine({ workers: 1 });
      const { a, b } = await connectedPair(engine);
      const prompt = join(folder, 'prompt.wav');
      writeWav(prompt, sine(440, 100));
      for (let loss = 1; loss <= 10; loss++) {
        // Who asks at once need not wait for the pause.
        await engine.probe(prompt);
        const running = a.record({ file: join(folder, `lost-${loss}.wav`), channels: 'mixed' });
        await running.started;
        await engine.files?.end();
        await assert.rejects(running.finished, {
          code: 'FILE_ACCESS',
          message: /ended unexpectedly. Start the playback or recording again/,
        });
      }
      // The pause before the next start is two seconds by now: what begins meanwhile waits for it.
      assert.equal(engine.files, undefined);
      const recording = b.record({ file: join(folder, 'next.wav'), channels: 'sent', maxDurationMs: 2100 });
      assert.equal((await a.play({ source: prompt }).finished).reason, 'completed');
      const saved = await recording.finished;
      assert.deepEqual([saved.reason, saved.durationMs, saved.lostMs], ['max-duration', 2100, undefined]);
      await engine.close();
    }));
});

describe('media: pause before the file thread is started again', () => {
  it('is none for three losses in a minute, then doubles up to two seconds', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000].map(restartPauseMs);
    assert.deepEqual(pauses, [0, 0, 0, 100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  });
});
