import assert from 'node:assert/strict';
import { pbkdf2 } from 'node:crypto';
import { join } from 'node:path';
import { createMediaEngine } from '../../../lib/media';
import { caughtUp, connectedPair, withFolder } from './support/sessions';
import { readWav, sine, soundSpan, writeWav } from './support/tones';

/** Keeps all threads of libuv's pool busy, with more waiting, until `stop` is called. */
function saturatePool(): { stop: () => Promise<void> } {
  let running = true;
  const loops = Array.from({ length: 8 }, async () => {
    while (running) {
      await new Promise<void>((resolve, reject) => {
        pbkdf2('secret', 'salt', 60_000, 64, 'sha512', (error) => (error ? reject(error) : resolve()));
      });
    }
  });
  return {
    async stop() {
      running = false;
      await Promise.all(loops);
    },
  };
}

describe('media: files while the thread pool of the process is saturated', () => {
  it('a streamed playback never runs dry and its recording loses nothing', function () {
    this.timeout(60_000);
    return withFolder(async (folder) => {
      const file = join(folder, 'long.wav');
      writeWav(file, sine(440, 70_000));
      const engine = createMediaEngine({ workers: 1 });
      const { a, b } = await connectedPair(engine);
      const load = saturatePool();
      const recording = b.record({ file: join(folder, 'heard.wav'), channels: 'received' });
      await recording.started;
      // Longer than what is read ahead, so that the disk is needed meanwhile.
      const playback = a.play({ source: file, maxDurationMs: 6000 });
      await playback.started;
      const result = await playback.finished;
      const [figuresA, figuresB] = [await a.statistics(), await b.statistics()];
      await caughtUp(a, b);
      await b.finishRecordings('stopped');
      const saved = await recording.finished;
      await load.stop();
      await engine.close();

      assert.equal(result.playedMs, 6000);
      assert.equal(saved.lostMs, undefined);
      assert.equal(figuresB.received.lost, 0);
      const [samples] = readWav(saved.file).channels;
      const span = soundSpan(samples)!;
      const heard = samples.subarray(span.first, span.last + 1);
      // A sine is never this quiet for so long: what is, is a gap. Only skipped deadlines may make one.
      let gaps = 0;
      for (let from = 0; from + 160 <= heard.length; from += 160) {
        if (heard.subarray(from, from + 160).every((sample) => Math.abs(sample) < 200)) gaps++;
      }
      const skipped = figuresA.skippedTicks + figuresB.skippedTicks;
      assert.ok(gaps <= skipped, `${gaps} gaps, ${skipped} skipped deadlines`);
      assert.ok(Math.abs(heard.length / 8 - 6000) <= 20 + skipped * 20, `${heard.length / 8} ms`);
    });
  });
});
