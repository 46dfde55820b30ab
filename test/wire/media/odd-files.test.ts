import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PcmReader } from '../../../lib/media/files/pcm-reader';
import { openAudio } from '../../../lib/media/files/sources';
import { createMediaEngine } from '../../../lib/media';
import { connectedPair, withFolder } from './support/sessions';
import { sine, writeWav } from './support/tones';

describe('media: files that are none, or change while they play', () => {
  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  it('a pipe, a socket, a device and a folder are refused at once, and a recording beside them begins', () =>
    withFolder(async (folder) => {
      const pipe = join(folder, 'pipe.wav');
      execFileSync('mkfifo', [pipe]);
      const socket = join(folder, 'socket.wav');
      const server = createServer().listen(socket);
      await once(server, 'listening');
      const engine = createMediaEngine({ workers: 1 });
      const { a, b } = await connectedPair(engine);
      for (const [source, kind] of [
        [pipe, 'a named pipe'],
        [socket, 'a socket'],
        ['/dev/zero', 'a device'],
        [folder, 'a folder'],
      ]) {
        const expected = {
          code: 'FILE_ACCESS',
          message: `${source} is ${kind}, not a file. Give the path of a WAV file.`,
        };
        await assert.rejects(a.play({ source }).finished, expected);
        await assert.rejects(engine.probe(source), expected);
      }
      const recording = b.record({ file: join(folder, 'other.wav'), channels: 'mixed', maxDurationMs: 100 });
      assert.equal((await recording.finished).reason, 'max-duration');
      await engine.close();
      server.close();
      await once(server, 'close');
    }));

  it('a file that grows plays as long as it was; one that shrinks ends with an error', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'changing.wav');
      writeWav(file, sine(440, 65_000));
      const source = openAudio(file, folder);
      const reader = new PcmReader(source, 8000, false);
      assert.equal(reader.read(8000).length, 8000);
      writeFileSync(file, Buffer.alloc(160_000), { flag: 'a' });
      let rest = 0;
      for (let got = 1; got > 0; rest += got) got = reader.read(8000).length;
      assert.equal(rest, 64 * 8000);
      reader.rewind();
      truncateSync(file, 100_001);
      assert.throws(
        () => {
          while (reader.read(8000).length > 0);
        },
        { code: 'BAD_AUDIO', message: /became shorter/ },
      );
      source.close();
    }));

  it('a stream that shrinks fails its playback and nothing else', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'shrinking.wav');
      writeWav(file, sine(440, 65_000));
      const engine = createMediaEngine({ workers: 1 });
      const { a, b } = await connectedPair(engine);
      const playback = a.play({ source: file });
      await playback.started;
      truncateSync(file, 1000);
      await assert.rejects(playback.finished, { code: 'BAD_AUDIO' });
      const recording = b.record({ file: join(folder, 'other.wav'), channels: 'mixed', maxDurationMs: 100 });
      assert.equal((await recording.finished).reason, 'max-duration');
      await engine.close();
    }));
});
