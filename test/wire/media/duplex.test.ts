import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type MediaEngine, type ReceivedDigit } from '../../../lib/media';
import {
  caughtUp,
  connectedPair,
  disturbedMs,
  packetTimes,
  runningEngine,
  towards,
  withFolder,
} from './support/sessions';
import { heardDigits, purestShare, readWav, sine, soundSpan, toneShare, writeWav } from './support/tones';

describe('media: two sessions of one engine', () => {
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());

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

        await caughtUp(a, b);
        await b.finishRecordings('hangup');
        const result = await recording.finished;
        assert.equal(result.reason, 'hangup');
        const wav = readWav(result.file);
        assert.equal(wav.channels.length, 2);
        const [received, sent] = wav.channels;
        const span = soundSpan(received);
        assert.ok(span, 'the prompt is in the left channel');
        const heard = received.subarray(span.first, span.last);
        assert.ok(toneShare(heard, 440) > 0.99);
        assert.equal(soundSpan(sent), undefined, 'we sent silence');

        const skippedMs = disturbedMs(await a.statistics(), await b.statistics());
        const [figuresA, figuresB] = await Promise.all([a.close(), b.close()]);
        assert.ok(Math.abs(heard.length / 8 - 1000) < 25 + skippedMs, `${heard.length / 8} ms of 1000 ms`);
        assert.equal(figuresB.received.lost, 0);
        assert.ok(figuresA.sent.packets >= 50);
        assert.ok(figuresB.receivedLevelDbfs > -20);
        assert.equal(figuresA.ssrc, figuresB.remoteSsrc);
      }));
  }

  it('tells a peer that asked for it how it is heard, by extended RTCP reports', async () => {
    const { a, b } = await connectedPair(engine, {});
    // What a session is told about its peer: b wants reports, a does not.
    a.update({ ...a.parameters, rtcpXr: true });
    let figures = await b.statistics();
    for (const until = Date.now() + 15_000; !figures.remote && Date.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      figures = await b.statistics();
    }
    const { remote } = figures;
    assert.ok(remote, 'a reports within the interval of RFC 3550');
    assert.equal(remote.lossShare, 0);
    assert.ok(remote.jitterBufferMs > 0 && remote.jitterBufferMs <= remote.jitterBufferMaxMs);
    assert.ok(remote.rating !== undefined && remote.rating > 0 && remote.rating <= 94, `${remote.rating}`);
    assert.ok(remote.mosListening !== undefined && remote.mosListening >= (remote.mosConversational ?? 5));
    await b.close();
    const final = await a.close();
    assert.equal(final.remote, undefined);
  });

  it('plays and records L16 at 16 kHz', () =>
    withFolder(async (folder) => {
      const prompt = join(folder, 'prompt.wav');
      writeWav(prompt, sine(5000, 500, 16000), 16000);
      const l16 = { name: 'L16', sendPayloadType: 96, receivePayloadType: 96 } as const;
      const { a, b } = await connectedPair(engine, { codec: l16 });
      const recording = b.record({ file: join(folder, 'wide.wav'), channels: 'received' });
      await recording.started;
      await a.play({ source: prompt }).finished;
      await caughtUp(a, b);
      await b.finishRecordings('stopped');
      const disturbed = disturbedMs(await a.statistics(), await b.statistics());
      const { sampleRate, channels } = readWav((await recording.finished).file);
      assert.equal(sampleRate, 16000);
      const span = soundSpan(channels[0])!;
      assert.ok(Math.abs(span.last - span.first - 8000) < 20 + 16 * disturbed);
      assert.ok(purestShare(channels[0], [5000], 16000) > 0.99);
    }));

  it('a playback and a recording go on at the right pitch over a change to a codec of another rate', () =>
    withFolder(async (folder) => {
      const prompt = join(folder, 'prompt.wav');
      writeWav(prompt, sine(500, 1000));
      const { a, b, portA, portB } = await connectedPair(engine);
      const recording = b.record({ file: join(folder, 'change.wav'), channels: 'received' });
      await recording.started;
      const playback = a.play({ source: prompt });
      await playback.started;
      await packetTimes(a, 15);
      const l16 = { name: 'L16', sendPayloadType: 96, receivePayloadType: 96 } as const;
      const pcmu = { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 } as const;
      b.update(towards(portA.rtpPort, { codec: l16, alternatives: [pcmu] }));
      await b.statistics();
      a.update(towards(portB.rtpPort, { codec: l16 }));
      assert.equal((await playback.finished).playedMs, 1000);
      await caughtUp(a, b);
      await b.finishRecordings('stopped');
      const disturbed = disturbedMs(await a.statistics(), await b.statistics());
      const [samples] = readWav((await recording.finished).file).channels;
      const span = soundSpan(samples)!;
      assert.ok(
        Math.abs(span.last - span.first - 8000) < 170 + 8 * disturbed,
        `${(span.last - span.first) / 8} ms`,
      );
      assert.ok(toneShare(samples.subarray(span.first, span.last), 500) > 0.95);
    }));

  it('sends digits that arrive exactly once, in order, with their length', async () => {
    const { a, b } = await connectedPair(engine);
    const started: string[] = [];
    const digits: ReceivedDigit[] = [];
    b.on('digitStart', (digit) => started.push(digit));
    b.on('digit', (digit) => digits.push(digit));
    await a.sendDigits({ digits: '1123#*0', method: 'rfc4733', toneMs: 80, gapMs: 60 });
    const disturbed = disturbedMs(await a.statistics(), await b.statistics());
    await a.close();
    await b.close();
    assert.equal(started.join(''), '1123#*0');
    assert.equal(digits.map((digit) => digit.digit).join(''), '1123#*0');
    // A tone over skipped deadlines is longer, or is reported early when three of them are missing in a row.
    const total = digits.reduce((sum, { durationMs }) => sum + durationMs, 0);
    assert.ok(Math.abs(total - 7 * 80) <= disturbed, `${total} ms, disturbed for ${disturbed} ms`);
  });

  for (const codec of ['PCMU', 'PCMA', 'L16'] as const) {
    it(`pitfall 6: sends digits as tones over ${codec}, which arrive exactly once`, async () => {
      const payloadType = { PCMU: 0, PCMA: 8, L16: 96 }[codec];
      const { a, b } = await connectedPair(engine, {
        codec: { name: codec, sendPayloadType: payloadType, receivePayloadType: payloadType },
        telephoneEvent: undefined,
      });
      const started: string[] = [];
      const digits: ReceivedDigit[] = [];
      b.on('digitStart', (digit) => started.push(digit));
      b.on('digit', (digit) => digits.push(digit));
      await a.sendDigits({ digits: '159,#D00', method: 'inband', toneMs: 100, gapMs: 80 });
      const disturbed = disturbedMs(await a.statistics(), await b.statistics());
      await a.close();
      await b.close();
      const expected = heardDigits([...'159#D00'], disturbed).join('');
      assert.equal(heardDigits(started, disturbed).join(''), expected);
      const heard = digits.map(({ digit }) => digit);
      assert.equal(heardDigits(heard, disturbed).join(''), expected);
      if (disturbed > 0) return;
      digits.forEach((digit, index) => {
        assert.equal(digit.method, 'inband');
        assert.ok(Math.abs(digit.durationMs - 100) <= 30, `${digit.durationMs} ms`);
        if (index === 0) return;
        const spacing = digit.atMs - digits[index - 1].atMs;
        assert.ok(Math.abs(spacing - (index === 3 ? 680 : 180)) <= 60, `${spacing} ms`);
      });
    });
  }

  it('a prompt waits while tones are sent, and both methods can follow each other', async () => {
    const { a, b } = await connectedPair(engine);
    const digits: string[] = [];
    const heardTone = new Promise<void>((resolve) => {
      b.on('digit', ({ digit, method }) => {
        digits.push(`${method} ${digit}`);
        resolve();
      });
    });
    const playback = a.play({ source: 'tone:400', maxDurationMs: 300 });
    await playback.started;
    await a.sendDigits({ digits: '1', method: 'inband', toneMs: 100, gapMs: 60 });
    await heardTone;
    await a.sendDigits({ digits: '2', method: 'rfc4733', toneMs: 100, gapMs: 60 });
    assert.equal((await playback.finished).playedMs, 300);
    const disturbed = disturbedMs(await a.statistics(), await b.statistics());
    await a.close();
    await b.close();
    assert.deepEqual(heardDigits(digits, disturbed), ['inband 1', 'rfc4733 2']);
  });

  it('tones are no digits once the peer has sent one by RFC 4733, until telephone-event is negotiated away', async () => {
    const { a, b, portA } = await connectedPair(engine);
    const digits: string[] = [];
    b.on('digit', ({ digit, method }) => digits.push(`${method} ${digit}`));
    const send = (digit: string, method: 'rfc4733' | 'inband'): Promise<void> =>
      a.sendDigits({ digits: digit, method, toneMs: 100, gapMs: 60 });
    await send('1', 'rfc4733');
    await send('2', 'inband');
    await caughtUp(a, b, 15);
    b.update(towards(portA.rtpPort, { telephoneEvent: undefined }));
    await send('3', 'inband');
    const disturbed = disturbedMs(await a.statistics(), await b.statistics());
    await a.close();
    await b.close();
    assert.deepEqual(heardDigits(digits, disturbed), ['rfc4733 1', 'inband 3']);
  });
});
