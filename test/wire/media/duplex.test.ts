import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createMediaEngine, type MediaEngine, type ReceivedDigit } from '../../../lib/media';
import { connectedPair, withFolder } from './support/sessions';
import { readWav, sine, soundSpan, toneShare, writeWav } from './support/tones';

describe('media: two sessions of one engine', () => {
  let engine: MediaEngine;
  beforeEach(() => {
    engine = createMediaEngine({ workers: 1 });
  });
  afterEach(() => engine.close());

  for (const codec of ['PCMU', 'PCMA'] as const) {
    it(`plays a file over ${codec}; the far end records what was played, in stereo`, () =>
      withFolder(async (folder) => {
        const prompt = join(folder, 'prompt.wav');
        writeWav(prompt, sine(440, 1000));
        const payloadType = codec === 'PCMU' ? 0 : 8;
        const { a, b } = await connectedPair(engine, {
          codec: { name: codec, sendPayloadType: payloadType, receivePayloadType: payloadType },
        });
        const recording = b.record({ file: join(folder, 'recording.wav'), channels: 'stereo' });
        await recording.started;
        const playback = a.play({ source: prompt });
        assert.deepEqual(await playback.started, { durationMs: 1000 });
        assert.deepEqual(await playback.finished, { reason: 'completed', durationMs: 1000, playedMs: 1000 });

        await b.finishRecordings('hangup');
        const result = await recording.finished;
        assert.equal(result.reason, 'hangup');
        const wav = readWav(result.file);
        assert.equal(wav.channels.length, 2);
        const [received, sent] = wav.channels;
        const span = soundSpan(received);
        assert.ok(span, 'the prompt is in the left channel');
        const heard = received.subarray(span.first, span.last);
        assert.ok(Math.abs(heard.length / 8 - 1000) < 25, `${heard.length / 8} ms of 1000 ms`);
        assert.ok(toneShare(heard, 440) > 0.99);
        assert.equal(soundSpan(sent), undefined, 'we sent silence');

        const [figuresA, figuresB] = await Promise.all([a.close(), b.close()]);
        assert.equal(figuresB.received.lost, 0);
        assert.ok(figuresA.sent.packets >= 50);
        assert.ok(figuresB.receivedLevelDbfs > -20);
        assert.equal(figuresA.ssrc, figuresB.remoteSsrc);
      }));
  }

  it('sends digits that arrive exactly once, in order, with their length', async () => {
    const { a, b } = await connectedPair(engine);
    const started: string[] = [];
    const digits: ReceivedDigit[] = [];
    b.on('digitStart', (digit) => started.push(digit));
    b.on('digit', (digit) => digits.push(digit));
    await a.sendDigits({ digits: '1123#*0', method: 'rfc4733', toneMs: 80, gapMs: 60 });
    await a.close();
    await b.close();
    assert.equal(started.join(''), '1123#*0');
    assert.equal(digits.map((digit) => digit.digit).join(''), '1123#*0');
    for (const digit of digits) assert.equal(digit.durationMs, 80);
  });
});
