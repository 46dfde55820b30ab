import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Failure } from '../../../lib/common/errors';
import { WorkerMediaEngine } from '../../../lib/media/engine';
import { caughtUp, connectedPair, packetTimes, RANGE, withFolder } from './support/sessions';
import { readWav } from './support/tones';

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
});
