import assert from 'node:assert/strict';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaveFile } from 'wavefile';
import {
  createMediaEngine,
  type MediaEngine,
  type PlaybackResult,
  type PlayRequest,
} from '../../../lib/media';
import { caughtUp, connectedPair, disturbedMs, runningEngine, withFolder } from './support/sessions';
import { purestShare, readWav, sine, soundSpan, toneShare, writeWav } from './support/tones';

const HZ = 1000;
const MS = 1200;

/** A tone in a file of any kind, written by an independent library. */
function waveFile(channels: number, sampleRate: number, depth: string, container = 'RIFF'): Uint8Array {
  const level =
    depth === '32f' || depth === '64' ? 0.5 / 32767 : depth === '32' ? 65536 : depth === '24' ? 256 : 1;
  const tone = Array.from(sine(HZ, MS, sampleRate, 0.5), (sample) =>
    depth === '8' ? (sample >> 8) + 128 : level === 1 ? sample : level > 1 ? sample * level : sample / 32768,
  );
  const wav = new WaveFile();
  const companded = depth === '8a' || depth === '8m' || depth === '4';
  wav.fromScratch(
    channels,
    sampleRate,
    companded ? '16' : depth,
    Array.from({ length: channels }, () => tone),
    {
      container,
    },
  );
  if (depth === '8a') wav.toALaw();
  if (depth === '8m') wav.toMuLaw();
  if (depth === '4') wav.toIMAADPCM();
  return wav.toBuffer();
}

const FORMATS: [channels: number, sampleRate: number, depth: string, container?: string][] = [
  [1, 8000, '16'],
  [2, 44100, '16'],
  [1, 44100, '16', 'RIFX'],
  [2, 48000, '24'],
  [1, 11025, '8'],
  [2, 22050, '32f'],
  [1, 96000, '32'],
  [2, 16000, '64'],
  [6, 32000, '16'],
  [1, 8000, '8a'],
  [2, 8000, '8m'],
  [1, 16000, '8m'],
  [1, 8000, '4'],
  [1, 44100, '16', 'RF64'],
];

describe('media: audio sources', () => {
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());

  /**
   * Plays and returns what the far end heard. A run in which the machine stalled, as the sessions have
   * counted, is no measurement and is made again; the last of five stands whatever it was.
   */
  async function listen(
    folder: string,
    request: PlayRequest,
    name = 'heard.wav',
  ): ReturnType<typeof listenOnce> {
    for (let attempt = 1; ; attempt++) {
      const measured = await listenOnce(folder, request, name);
      if (measured.skippedMs === 0 || attempt === 5) return measured;
    }
  }

  async function listenOnce(
    folder: string,
    request: PlayRequest,
    name = 'heard.wav',
  ): Promise<{ heard: Int16Array; result: PlaybackResult; skippedMs: number }> {
    const { a, b } = await connectedPair(engine);
    const recording = b.record({ file: join(folder, name), channels: 'received' });
    await recording.started;
    const result = await a.play(request).finished;
    // What was sent last is still on its way.
    await caughtUp(a, b);
    await b.finishRecordings('stopped');
    const { file } = await recording.finished;
    const skippedMs = disturbedMs(...(await Promise.all([a.statistics(), b.statistics()])));
    await Promise.all([a.close(), b.close()]);
    const [samples] = readWav(file).channels;
    const span = soundSpan(samples);
    const heard = span ? samples.subarray(span.first, span.last + 1) : new Int16Array(0);
    return { heard, result, skippedMs };
  }

  it('pitfall 2: files of every common kind arrive with the right length and pitch', function () {
    this.timeout(60_000);
    return withFolder(async (folder) => {
      await Promise.all(
        FORMATS.map(async ([channels, sampleRate, depth, container]) => {
          const name = [channels, sampleRate, depth, container ?? 'RIFF'].join('-');
          const file = join(folder, `${name}.wav`);
          writeFileSync(file, waveFile(channels, sampleRate, depth, container));
          const info = await engine.probe(file);
          assert.equal(info.sampleRate, sampleRate, name);
          assert.equal(info.channels, channels, name);
          assert.ok(Math.abs(info.durationMs - MS) < 130, `${name}: ${info.durationMs} ms`);
          const request = { source: file };
          const { heard, result, skippedMs } = await listen(folder, request, `heard-${name}.wav`);
          assert.equal(result.reason, 'completed');
          // IMA ADPCM comes in blocks, the last of which is padded.
          const tolerance = (depth === '4' ? 70 : 5) + skippedMs;
          assert.ok(Math.abs(heard.length / 8 - MS) < tolerance, `${name}: ${heard.length / 8} ms`);
          assert.ok(Math.abs(result.playedMs - MS) < 130, `${name}: ${result.playedMs} ms`);
          const share = toneShare(heard, HZ);
          assert.ok(share > 0.98, `${name}: ${share} of the energy at ${HZ} Hz`);
          const rms = Math.sqrt(heard.reduce((sum, sample) => sum + sample * sample, 0) / heard.length);
          assert.ok(Math.abs(rms / 11585 - 1) < 0.05 + skippedMs / MS, `${name}: level ${rms}`);
        }),
      );
    });
  });

  it('pitfall 2: strict refuses what would have to be resampled or mixed down, and says why', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'stereo.wav');
      writeFileSync(file, waveFile(2, 44100, '16'));
      const { a } = await connectedPair(engine);
      await assert.rejects(a.play({ source: file, strict: true }).started, (error: Error) => {
        assert.equal((error as Error & { code: string }).code, 'BAD_AUDIO');
        assert.match(error.message, /stereo instead of mono and 44100 Hz instead of 8000 Hz/);
        return true;
      });
      await a.play({ source: file }).started;
    }));

  it('a long file is streamed: offset, position and loop are right', function () {
    this.timeout(60_000);
    return withFolder(async (folder) => {
      // 65 s of which each second has a tone of its own.
      const seconds = 65;
      const samples = new Int16Array(seconds * 8000);
      for (let second = 0; second < seconds; second++) {
        samples.set(sine(400 + 40 * second, 1000), second * 8000);
      }
      const file = join(folder, 'long.wav');
      writeWav(file, samples);
      const cases: [PlayRequest, number[]][] = [
        [{ source: file, offsetMs: 62_000 }, [62, 63, 64]],
        [{ source: file, offsetMs: 64_000, loop: true, maxDurationMs: 3000 }, [64, 0, 1]],
        [{ source: file, maxDurationMs: 2000 }, [0, 1]],
      ];
      await Promise.all(
        cases.map(async ([request, expected], index) => {
          const { heard, result, skippedMs } = await listen(folder, request, `heard-${index}.wav`);
          assert.equal(result.durationMs, 65_000);
          assert.equal(result.reason, request.maxDurationMs ? 'max-duration' : 'completed');
          assert.equal(result.playedMs, expected.length * 1000);
          const error = Math.abs(heard.length / 8 - expected.length * 1000);
          assert.ok(error < 5 + skippedMs, `${error} ms`);
          expected.forEach((second, place) => {
            // What was skipped before it lies in its way.
            const part = heard.subarray(place * 8000 + 200, place * 8000 + 7800 + 8 * skippedMs);
            const share = purestShare(part, [400 + 40 * second]);
            assert.ok(share > 0.95, `case ${index}: ${share} of second ${second}`);
          });
        }),
      );
    });
  });

  it('a short file obeys offset and loop too', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'short.wav');
      const samples = new Int16Array(8000);
      samples.set(sine(500, 500), 0);
      samples.set(sine(1500, 500), 4000);
      writeWav(file, samples);
      const { heard, result, skippedMs } = await listen(folder, {
        source: file,
        offsetMs: 500,
        loop: true,
        maxDurationMs: 1500,
      });
      assert.deepEqual(result, { reason: 'max-duration', durationMs: 1000, playedMs: 1500 });
      const share = (from: number, hz: number): number =>
        purestShare(heard.subarray(from, from + 3900 + 8 * skippedMs), [hz]);
      assert.ok(share(0, 1500) > 0.95);
      assert.ok(share(4020, 500) > 0.95);
      assert.ok(share(8020, 1500) > 0.95);
    }));

  it('a file that was changed is read again', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'prompt.wav');
      writeWav(file, sine(500, 300));
      const first = await listen(folder, { source: file });
      writeWav(file, sine(1500, 300));
      utimesSync(file, new Date(), new Date(Date.now() + 5000));
      const second = await listen(folder, { source: file });
      assert.ok(toneShare(first.heard, 500) > 0.95);
      assert.ok(toneShare(second.heard, 1500) > 0.95);
    }));

  it('plays bytes, tones and packaged sounds', () =>
    withFolder(async (folder) => {
      writeWav(join(folder, 'hello-world.wav'), sine(700, 300));
      const own = createMediaEngine({ workers: 1, soundsDir: folder });
      const before = engine;
      engine = own;
      try {
        const packaged = await listen(folder, { source: 'sipflow:hello-world' });
        assert.ok(toneShare(packaged.heard, 700) > 0.95);
        const bytes = readFileSync(join(folder, 'hello-world.wav'));
        const fromBytes = await listen(folder, { source: bytes });
        assert.ok(toneShare(fromBytes.heard, 700) > 0.95);
        const tone = await listen(folder, { source: 'tone:620', maxDurationMs: 500 });
        assert.ok(toneShare(tone.heard, 620) > 0.95);
        assert.deepEqual(tone.result, { reason: 'max-duration', durationMs: 0, playedMs: 500 });
        const silence = await listen(folder, { source: 'silence', maxDurationMs: 200 });
        assert.equal(silence.heard.length, 0);
        assert.equal(silence.result.playedMs, 200);
      } finally {
        await own.close();
        engine = before;
      }
    }));

  it('probes what it would play', async () => {
    assert.deepEqual(await engine.probe(waveFile(2, 44100, '16')), {
      container: 'RIFF',
      encoding: 'pcm',
      sampleRate: 44100,
      channels: 2,
      bitsPerSample: 16,
      durationMs: MS,
    });
    await assert.rejects(engine.probe('/nowhere.wav'), { code: 'FILE_NOT_FOUND' });
    await assert.rejects(engine.probe(new Uint8Array(100)), { code: 'BAD_AUDIO' });
  });
});
