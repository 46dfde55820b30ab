import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  createNullMediaEngine,
  type MediaCodec,
  type MediaEngine,
  type MediaSession,
} from '../../../lib/media';
import { RtpProbe } from './support/rtp-probe';
import {
  caughtUp,
  connectedPair,
  packetTimes,
  RANGE,
  runningEngine,
  smallRange,
  towards,
  untilFigures,
  withFolder,
} from './support/sessions';
import { heardDigits, purestShare, readWav } from './support/tones';

const PCMU: MediaCodec = { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 };
const PCMA: MediaCodec = { name: 'PCMA', sendPayloadType: 8, receivePayloadType: 8 };
const G722: MediaCodec = { name: 'G722', sendPayloadType: 9, receivePayloadType: 9 };
const L16: MediaCodec = { name: 'L16', sendPayloadType: 96, receivePayloadType: 96 };

/** Two calls through one engine: `left` talks to `x`, `y` talks to `right`. */
interface Calls {
  left: MediaSession;
  x: MediaSession;
  y: MediaSession;
  right: MediaSession;
}

async function calls(engine: MediaEngine, first: MediaCodec, second: MediaCodec): Promise<Calls> {
  const one = await connectedPair(engine, { codec: first });
  const two = await connectedPair(engine, { codec: second });
  return { left: one.a, x: one.b, y: two.a, right: two.b };
}

describe('media: bridge of two calls', () => {
  let engine: MediaEngine;
  before(async () => {
    // Pairs are dealt out in turn, so x and y are on different workers.
    engine = await runningEngine({ workers: 2 });
  });
  after(() => engine.close());

  for (const [first, second] of [
    [PCMU, PCMU],
    [PCMU, PCMA],
    [PCMU, G722],
    [PCMU, L16],
  ]) {
    it(`carries both directions between ${first.name} and ${second.name}, on different workers`, () =>
      withFolder(async (folder) => {
        const { left, x, y, right } = await calls(engine, first, second);
        const recordings = [left, right].map((session, index) =>
          session.record({ file: join(folder, `${index}.wav`), channels: 'received' }),
        );
        await Promise.all(recordings.map((recording) => recording.started));
        const bridge = x.bridge(y);
        const playbacks = [left.play({ source: 'tone:400' }), right.play({ source: 'tone:1100' })];
        await Promise.all(playbacks.map((playback) => playback.started));
        await Promise.all([packetTimes(x, 75), packetTimes(y, 75)]);
        await Promise.all([left, right].map((session) => session.finishRecordings('stopped')));
        await Promise.all([left, x, y, right].map((session) => session.close()));
        assert.equal(await bridge.finished, 'closed');
        for (const [index, hz] of [
          [0, 1100],
          [1, 400],
        ]) {
          const { channels, sampleRate } = readWav((await recordings[index].finished).file);
          // A bridge that does not keep up has no such stretch, one that was disturbed on a busy machine has.
          const share = purestShare(channels[0], [hz], sampleRate);
          assert.ok(share > 0.95, `${share} at ${hz} Hz`);
        }
      }));
  }

  for (const codec of [PCMU, G722]) {
    it(`copies packets of ${codec.name} byte by byte, on different workers`, async () => {
      const [near, far] = [await RtpProbe.open(), await RtpProbe.open()];
      const [portX, portY] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
      const x = portX.open(towards(near.port, { codec, detectInband: false }));
      const y = portY.open(towards(far.port, { codec }));
      x.bridge(y);
      const sent = Array.from({ length: 60 }, (_, index) => Buffer.alloc(160, `packet ${index}, `));
      for (const [sequence, payload] of sent.entries()) {
        const payloadType = codec.receivePayloadType;
        await near.sendRtp(portX.rtpPort, { sequence, timestamp: 160 * sequence, payload, payloadType });
        // The engine's own packets are the clock, so that a machine that stalls delays both.
        await near.until(() => near.packets.length > sequence + 1);
      }
      await packetTimes(y, 15);
      await Promise.all([x.close(), y.close()]);
      const texts = new Set(sent.map((payload) => payload.toString('latin1')));
      const copied = far.packets.filter(({ payload }) => texts.has(payload.toString('latin1')));
      // A busy machine makes some late, and those are concealed; encoding could not give any of them.
      assert.ok(copied.length >= 10, `${copied.length} of 60 packets are as they were sent`);
      const order = copied.map(({ payload }) => sent.findIndex((original) => original.equals(payload)));
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
      );
      assert.equal(new Set(order).size, order.length, 'each once');
      await Promise.all([near.close(), far.close()]);
    });
  }

  it('goes on over a change of codec, and ends with `stop`', async () => {
    const one = await connectedPair(engine);
    const two = await connectedPair(engine);
    const bridge = one.b.bridge(two.a);
    one.a.update(towards(one.portB.rtpPort, { codec: L16, alternatives: [PCMU] }));
    one.b.update(towards(one.portA.rtpPort, { codec: L16, alternatives: [PCMU] }));
    const playback = one.a.play({ source: 'tone:3000' });
    await playback.started;
    await untilFigures(two.b, ({ receivedLevelDbfs }) => receivedLevelDbfs > -Infinity);
    bridge.stop();
    assert.equal(await bridge.finished, 'stopped');
    const again = two.a.bridge(one.b);
    again.stop();
    await Promise.all([one.a, one.b, two.a, two.b].map((session) => session.close()));
  });

  it('a prompt goes before the bridged audio, and tones of the peer pass through', async () => {
    const { left, x, y, right } = await calls(engine, PCMU, PCMU);
    x.bridge(y);
    const digits: string[] = [];
    right.on('digit', ({ digit, method }) => digits.push(`${method} ${digit}`));
    await left.sendDigits({ digits: '7', method: 'inband', toneMs: 120, gapMs: 60 });
    const prompt = y.play({ source: 'tone:400', maxDurationMs: 200 });
    assert.equal((await prompt.finished).playedMs, 200);
    await caughtUp(y, right, 15);
    const figures = await Promise.all([left, x, y, right].map((session) => session.close()));
    const skipped = figures.reduce((sum, { skippedTicks }) => sum + skippedTicks, 0);
    assert.deepEqual(heardDigits(digits, skipped), ['inband 7']);
  });

  it('passes digits on by what the other side has agreed to, and tones not twice', async () => {
    const one = await connectedPair(engine);
    const two = await connectedPair(engine, { telephoneEvent: undefined });
    one.b.bridge(two.a, { digits: true });
    const [atLeft, atRight]: string[][] = [[], []];
    one.a.on('digit', ({ digit, method }) => atLeft.push(`${method} ${digit}`));
    two.b.on('digit', ({ digit, method }) => atRight.push(`${method} ${digit}`));
    // The right side knows no events, so it hears tones; its tones arrive at the left as they are.
    await one.a.sendDigits({ digits: '4#', method: 'rfc4733', toneMs: 100, gapMs: 100 });
    await two.b.sendDigits({ digits: '9', method: 'inband', toneMs: 100, gapMs: 100 });
    await Promise.all([caughtUp(two.a, two.b, 30), caughtUp(one.b, one.a, 30)]);
    const sessions = [one.a, one.b, two.a, two.b];
    const figures = await Promise.all(sessions.map((session) => session.close()));
    const skipped = figures.reduce((sum, { skippedTicks }) => sum + skippedTicks, 0);
    assert.deepEqual(heardDigits(atRight, skipped), ['inband 4', 'inband #']);
    assert.deepEqual(heardDigits(atLeft, skipped), ['inband 9']);
  });

  it('refuses what cannot be joined', async () => {
    const { x, y, left, right } = await calls(engine, PCMU, PCMU);
    const bridge = x.bridge(y);
    assert.throws(() => x.bridge(right), { code: 'CALL_STATE' });
    assert.throws(() => left.bridge(left), { code: 'CALL_STATE' });
    const other = createNullMediaEngine();
    const foreign = (await other.reserve(smallRange(1))).open(towards(9));
    assert.throws(() => left.bridge(foreign), { code: 'CALL_STATE' });
    await foreign.close();
    await y.close();
    assert.equal(await bridge.finished, 'closed');
    assert.throws(() => x.bridge(y), { code: 'CALL_ENDED' });
    await Promise.all([left, x, right].map((session) => session.close()));
  });
});
