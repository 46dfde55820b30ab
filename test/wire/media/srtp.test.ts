import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type MediaEngine, type MediaParameters } from '../../../lib/media';
import { RtpProbe } from './support/rtp-probe';
import { RANGE, runningEngine, towards, untilFigures } from './support/sessions';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const newKey = (): string => `inline:${randomBytes(30).toString('base64')}`;

describe('media: secured sessions (SRTP with SDES keys)', () => {
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());

  it('carries audio, digits and reports between two parties', async () => {
    const [portA, portB] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
    const [keyA, keyB] = [newKey(), newKey()];
    const a = portA.open(
      towards(portB.rtpPort, { srtp: { suite: SUITE, sendKey: keyA, receiveKey: keyB }, rtcpMux: true }),
    );
    const b = portB.open(
      towards(portA.rtpPort, { srtp: { suite: SUITE, sendKey: keyB, receiveKey: keyA }, rtcpMux: true }),
    );
    const digits: string[] = [];
    b.on('digit', ({ digit }) => digits.push(digit));
    const playback = a.play({ source: 'tone:440', maxDurationMs: 300 });
    await playback.finished;
    await a.sendDigits({ digits: '42', method: 'rfc4733', toneMs: 60, gapMs: 60 });
    await a.close();
    const figures = await b.close();
    assert.equal(digits.join(''), '42');
    assert.ok(figures.receivedLevelDbfs > -25);
    assert.equal(figures.received.lost, 0);
    assert.equal(figures.received.discarded, 0, 'the goodbye of the peer was genuine');
  });

  it('sends nothing in the clear, and takes nothing that is not genuine', async () => {
    const probe = await RtpProbe.open();
    const port = await engine.reserve(RANGE);
    const srtp = { suite: SUITE, sendKey: newKey(), receiveKey: newKey() };
    const session = port.open(towards(probe.port, { srtp }));
    await probe.until(() => probe.packets.length >= 5);
    for (const packet of probe.packets) {
      assert.equal(packet.payload.length, 170);
      assert.ok(packet.payload.filter((byte) => byte === 0xff).length < 20);
    }
    await probe.sendRtp(port.rtpPort, { sequence: 1, timestamp: 0, payload: Buffer.alloc(160) });
    const seen = probe.packets.length;
    await probe.until(() => probe.packets.length > seen + 2);
    const { received } = await session.close();
    assert.deepEqual([received.packets, received.discarded], [0, 1]);
    await probe.close();
  });

  it('an unusable key fails the session instead of sending in the clear', async () => {
    const probe = await RtpProbe.open();
    const port = await engine.reserve(RANGE);
    const srtp = { suite: SUITE, sendKey: 'inline:AAAA', receiveKey: newKey() };
    const session = port.open(towards(probe.port, { srtp }));
    const failure = await new Promise<{ code: string }>((resolve) => session.on('failed', resolve));
    assert.equal(failure.code, 'BAD_CONFIG');
    assert.equal(probe.packets.length, 0);
    await session.close();
    await probe.close();
  });

  it('an update with the same keys goes on, one with new keys starts anew', async () => {
    const [portA, portB] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
    const keys = [newKey(), newKey(), newKey()];
    const forA = (send: string, changes: Partial<MediaParameters> = {}): MediaParameters =>
      towards(portB.rtpPort, { srtp: { suite: SUITE, sendKey: send, receiveKey: keys[1] }, ...changes });
    const forB = (receive: string): MediaParameters =>
      towards(portA.rtpPort, { srtp: { suite: SUITE, sendKey: keys[1], receiveKey: receive } });
    const a = portA.open(forA(keys[0]));
    const b = portB.open(forB(keys[0]));
    const moreAtB = async (): Promise<void> => {
      const { received } = await b.statistics();
      await untilFigures(b, (now) => now.received.packets >= received.packets + 5);
    };
    await moreAtB();
    a.update(forA(keys[0], { ptimeMs: 30 }));
    await moreAtB();
    assert.equal((await b.statistics()).received.discarded, 0);
    b.update(forB(keys[2]));
    await b.statistics();
    a.update(forA(keys[2]));
    await moreAtB();
  });
});
