import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createMediaEngine, type MediaCodec, type MediaEngine, type ReceivedDigit } from '../../../lib/media';
import { RtpProbe } from './support/rtp-probe';
import { caughtUp, connectedPair, disturbedMs, RANGE, towards, withFolder } from './support/sessions';
import { purestShare, readWav, soundSpan } from './support/tones';

const OPUS: MediaCodec = {
  name: 'OPUS',
  sendPayloadType: 107,
  receivePayloadType: 107,
  fmtp: 'useinbandfec=1',
};
const EVENTS = { sendPayloadType: 100, receivePayloadType: 100, clockRate: 48_000 };
const RANGE_WITH_OPUS = { ...RANGE, codecs: ['OPUS'] as const };

describe('media: Opus', function () {
  this.timeout(20_000);
  let engine: MediaEngine;
  before(async () => {
    engine = createMediaEngine({ workers: 1 });
    // The library is loaded with the first pair that may need it.
    await (await engine.reserve(RANGE_WITH_OPUS)).release();
  });
  after(() => engine.close());

  it('advances by 960 units each 20 ms, with packets of their own lengths', async () => {
    const probe = await RtpProbe.open();
    const port = await engine.reserve(RANGE_WITH_OPUS);
    const session = port.open(towards(probe.port, { codec: OPUS, telephoneEvent: EVENTS }));
    await session.play({ source: 'tone:440', maxDurationMs: 300 }).finished;
    const { skippedTicks } = await session.close();
    const packets = probe.packets;
    assert.ok(packets.length >= 15 - skippedTicks);
    packets.slice(1).forEach((packet, index) => {
      assert.equal(packet.payloadType, 107);
      assert.equal(((packet.timestamp - packets[index].timestamp) | 0) % 960, 0);
    });
    assert.ok(new Set(packets.map(({ payload }) => payload.length)).size > 2);
    await probe.close();
  });

  it('plays, records at 48 kHz, and sends events at the clock of the audio', () =>
    withFolder(async (folder) => {
      const { a, b } = await connectedPair(engine, { codec: OPUS, telephoneEvent: EVENTS });
      const digits: ReceivedDigit[] = [];
      b.on('digit', (digit) => digits.push(digit));
      const recording = b.record({ file: join(folder, 'opus.wav'), channels: 'received' });
      await recording.started;
      await a.sendDigits({ digits: '4#', method: 'rfc4733', toneMs: 120, gapMs: 60 });
      await a.play({ source: 'tone:1000', maxDurationMs: 600 }).finished;
      await caughtUp(a, b);
      await b.finishRecordings('stopped');
      const { sampleRate, channels } = readWav((await recording.finished).file);
      const disturbed = disturbedMs(await a.statistics(), await b.statistics());
      const [, figures] = await Promise.all([a.close(), b.close()]);
      assert.equal(sampleRate, 48_000);
      const span = soundSpan(channels[0])!;
      const ms = (span.last - span.first) / 48;
      assert.ok(Math.abs(ms - 600) < 60 + disturbed, `${ms} ms`);
      assert.ok(purestShare(channels[0], [1000], sampleRate) > 0.9);
      assert.deepEqual(
        digits.map(({ digit, method }) => `${method} ${digit}`),
        ['rfc4733 4', 'rfc4733 #'],
      );
      for (const { durationMs } of digits) {
        assert.ok(Math.abs(durationMs - 120) <= 40 + disturbed, `${durationMs} ms`);
      }
      assert.equal(figures.received.discarded, 0);
    }));

  it('is bridged with PCMU', () =>
    withFolder(async (folder) => {
      const one = await connectedPair(engine, { codec: OPUS, telephoneEvent: EVENTS });
      const two = await connectedPair(engine);
      one.b.bridge(two.a);
      const recordings = [one.a, two.b].map((session, index) =>
        session.record({ file: join(folder, `${index}.wav`), channels: 'received' }),
      );
      await Promise.all(recordings.map(({ started }) => started));
      await Promise.all([
        one.a.play({ source: 'tone:400', maxDurationMs: 800 }).finished,
        two.b.play({ source: 'tone:1100', maxDurationMs: 800 }).finished,
      ]);
      await Promise.all([caughtUp(two.b, one.a, 15), caughtUp(one.a, two.b, 15)]);
      await Promise.all([one.a, two.b].map((session) => session.finishRecordings('stopped')));
      await Promise.all([one.a, one.b, two.a, two.b].map((session) => session.close()));
      for (const [index, hz] of [
        [0, 1100],
        [1, 400],
      ]) {
        const { channels, sampleRate } = readWav((await recordings[index].finished).file);
        const share = purestShare(channels[0], [hz], sampleRate);
        assert.ok(share > 0.8, `${share} at ${hz} Hz`);
      }
    }));
});
