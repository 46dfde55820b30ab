import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MediaEngine, type MediaSession, type ReceivedDigit } from '../../../lib/media';
import { RtpProbe } from './support/rtp-probe';
import { connectedPair, packetTimes, RANGE, runningEngine, towards, withFolder } from './support/sessions';
import { sine, writeWav } from './support/tones';

const PCMU = { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 } as const;
const L16 = { name: 'L16', sendPayloadType: 96, receivePayloadType: 96 } as const;
const LOUD = new Uint8Array(160).fill(0x80);

function nextDigit(session: MediaSession): Promise<ReceivedDigit> {
  return new Promise((resolve) => {
    const remove = session.on('digit', (digit) => {
      remove();
      resolve(digit);
    });
  });
}

/** Resolves after so many reports of the session's figures: time as its worker sees it, also while it sends nothing. */
function reports(session: MediaSession, count: number): Promise<void> {
  return new Promise((resolve) => {
    const remove = session.on('statistics', () => {
      if (--count > 0) return;
      remove();
      resolve();
    });
  });
}

describe('media: a session on the wire', () => {
  let engine: MediaEngine;
  let probe: RtpProbe;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());
  beforeEach(async () => {
    probe = await RtpProbe.open();
  });
  afterEach(() => probe.close());

  for (const [codec, payloadType, silence] of [
    ['PCMU', 0, 0xff],
    ['PCMA', 8, 0xd5],
  ] as const) {
    it(`real silence flows from the start: ${codec}`, async () => {
      const port = await engine.reserve(RANGE);
      const codecs = { name: codec, sendPayloadType: payloadType, receivePayloadType: payloadType };
      port.open(towards(probe.port, { codec: codecs }));
      await probe.until(() => probe.packets.length >= 10);
      const [first, ...rest] = probe.packets;
      assert.ok(first.marker, 'a talk spurt begins');
      rest.forEach((packet, index) => {
        assert.equal(packet.sequence, (first.sequence + index + 1) & 0xffff);
        assert.equal(packet.ssrc, first.ssrc);
      });
      for (const packet of probe.packets) {
        assert.equal(packet.payloadType, payloadType);
        assert.equal((packet.timestamp - first.timestamp) % 160, 0);
        assert.deepEqual(packet.payload, Buffer.alloc(160, silence));
      }
    });
  }

  it('pitfall 1: packets that come between bind and open are not lost', async () => {
    const port = await engine.reserve(RANGE);
    for (let index = 0; index < 60; index++) {
      await probe.sendRtp(port.rtpPort, { sequence: index, timestamp: 160 * index, payload: LOUD });
    }
    // A round trip through the worker, so that it has read the sockets.
    await (await engine.reserve(RANGE)).release();
    const session = port.open(towards(probe.port));
    await new Promise<void>((resolve) => session.on('receiving', resolve));
    const { received } = await session.close();
    assert.equal(received.packets, 50, 'as many as are kept');
    assert.equal(received.lost, 0);
  });

  it('pitfall 1: a digit that comes before open is reported', async () => {
    const port = await engine.reserve(RANGE);
    const event = (sequence: number, end: boolean): Promise<void> =>
      probe.sendRtp(port.rtpPort, {
        sequence,
        timestamp: 1000,
        payloadType: 101,
        payload: Uint8Array.from([5, end ? 0x8a : 0x0a, 0x03, 0x20]),
      });
    await event(1, false);
    await event(2, true);
    await (await engine.reserve(RANGE)).release();
    const session = port.open(towards(probe.port));
    const digit = await nextDigit(session);
    assert.ok(digit.atMs >= 0 && digit.atMs < 1000, `${digit.atMs} ms`);
    assert.deepEqual({ ...digit, atMs: 0 }, { digit: '5', method: 'rfc4733', atMs: 0, durationMs: 100 });
  });

  it('sends to where the first valid stream comes from, and ignores strangers once it has settled', async () => {
    const stranger = await RtpProbe.open();
    const port = await engine.reserve(RANGE);
    // The SDP names a port at which nobody is, as behind a NAT.
    const session = port.open(towards(9));
    await stranger.send(Buffer.from('no RTP at all'), port.rtpPort);
    await stranger.sendRtp(port.rtpPort, { sequence: 1, timestamp: 0, payload: LOUD, payloadType: 77 });
    for (let sequence = 1; sequence <= 5; sequence++) {
      await probe.sendRtp(port.rtpPort, { sequence, timestamp: 160 * sequence, payload: LOUD });
    }
    await probe.until(() => probe.packets.length >= 3);
    for (let index = 0; index < 5; index++) {
      await stranger.sendRtp(port.rtpPort, { sequence: 9 + index, timestamp: 0, payload: LOUD, ssrc: 9 });
    }
    const count = probe.packets.length;
    await probe.until(() => probe.packets.length >= count + 3);
    assert.equal(stranger.packets.length, 0);
    const figures = await session.close();
    assert.equal(figures.received.packets, 5);
    assert.equal(figures.received.discarded, 7);
    assert.equal(figures.remoteSsrc, 0x1234);
    await stranger.close();
  });

  it('counts lost, repeated and reordered packets', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port));
    for (const sequence of [65533, 65534, 1, 0, 1, 4]) {
      await probe.sendRtp(port.rtpPort, { sequence, timestamp: 160 * sequence, payload: LOUD });
    }
    await probe.until(() => probe.packets.length >= 2);
    const { received } = await session.close();
    assert.equal(received.packets, 5);
    assert.equal(received.duplicates, 1);
    assert.equal(received.outOfOrder, 1);
    assert.equal(received.lost, 3);
  });

  it('takes comfort noise for part of the stream: no loss, no jitter, nothing discarded', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port));
    const noise = Uint8Array.of(60);
    for (const [sequence, timestamp] of [
      [1, 0],
      [2, 160],
      [3, 320],
      [4, 16000],
    ]) {
      const isNoise = sequence === 3;
      await probe.sendRtp(port.rtpPort, {
        sequence,
        timestamp,
        payload: isNoise ? noise : LOUD,
        ...(isNoise ? { payloadType: 13 } : {}),
      });
    }
    await probe.until(() => probe.packets.length >= 2);
    const { received } = await session.close();
    assert.deepEqual([received.packets, received.lost, received.discarded], [4, 0, 0]);
  });

  it('a hold stops the packets; a resume continues the clock with a marker', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port));
    await probe.until(() => probe.packets.length >= 5);
    const asked = performance.now();
    session.update(towards(probe.port, { direction: 'inactive', statisticsIntervalMs: 100 }));
    const held = (await session.statistics()).sent.packets;
    const stopped = performance.now();
    await reports(session, 2);
    assert.equal((await session.statistics()).sent.packets, held);
    await probe.until(() => probe.packets.length >= held);
    const resumed = performance.now();
    const before = probe.packets[held - 1];
    session.update(towards(probe.port));
    await probe.until(() => probe.packets.length > held);
    const after = probe.packets[held];
    assert.equal(after.sequence, (before.sequence + 1) & 0xffff);
    assert.ok(after.marker);
    // The packets came at some time between what was asked and what was seen; a busy machine makes that long.
    const gapMs = ((after.timestamp - before.timestamp) | 0) / 8;
    const [least, most] = [resumed - stopped - 40, performance.now() - asked + 60];
    assert.ok(gapMs > least && gapMs < most, `${gapMs} ms instead of ${least} to ${most} ms`);
  });

  it('changes codec and packet time with an update', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port));
    await probe.until(() => probe.packets.length >= 3);
    session.update(
      towards(probe.port, {
        codec: { name: 'PCMA', sendPayloadType: 8, receivePayloadType: 8 },
        ptimeMs: 40,
      }),
    );
    await probe.until(() => probe.packets.filter((packet) => packet.payloadType === 8).length >= 4);
    const changed = probe.packets.filter((packet) => packet.payloadType === 8);
    for (const packet of changed) assert.deepEqual(packet.payload, Buffer.alloc(320, 0xd5));
    const [first, second] = changed;
    assert.equal((second.timestamp - first.timestamp) | 0, 320);
    assert.equal(probe.packets[0].ssrc, first.ssrc);
  });

  it('survives thousands of hostile packets on both ports', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port, { codec: PCMU, alternatives: [L16] }));
    const failures: unknown[] = [];
    session.on('failed', (failure) => failures.push(failure));
    let seed = 42;
    const random = (): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8;
    for (let round = 0; round < 3000; round++) {
      const packet = Buffer.alloc(random() % 200);
      for (let index = 0; index < packet.length; index++) packet[index] = random();
      if (packet.length > 1 && round % 4 !== 0) {
        packet[0] = 0x80 | (packet[0] & 0x3f);
        packet[1] = [0, 101, 96, 13, 200, 201, 203, 0x80][random() % 8];
      }
      await probe.send(packet, random() % 2 === 0 ? port.rtpPort : port.rtcpPort);
    }
    const seen = probe.packets.length;
    await probe.until(() => probe.packets.length > seen + 2);
    const { received } = await session.close();
    assert.deepEqual(failures, []);
    assert.ok(received.discarded > 100);
    assert.ok(received.packets > 100);
  });

  it('reports by RTCP and says goodbye', async () => {
    const rtcp = createSocket('udp4');
    rtcp.bind(0, '127.0.0.1');
    await once(rtcp, 'listening');
    const reports: Buffer[] = [];
    rtcp.on('message', (message: Buffer) => reports.push(message));
    const port = await engine.reserve(RANGE);
    const remote = { address: '127.0.0.1', rtpPort: probe.port, rtcpPort: rtcp.address().port };
    const session = port.open(towards(probe.port, { remote }));
    await probe.until(() => probe.packets.length >= 3);
    const goodbye = once(rtcp, 'message');
    await session.close();
    await goodbye;
    const last = reports.at(-1)!;
    assert.equal(last[1], 200, 'a sender report comes first');
    assert.equal(last.subarray(-8, -4).toString('hex'), '81cb0001');
    assert.equal(last.readUInt32BE(4), probe.packets[0].ssrc);
    rtcp.close();
    await once(rtcp, 'close');
  });

  it('with rtcp-mux reports go through the RTP port', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port, { rtcpMux: true }));
    await probe.until(() => probe.packets.length >= 3);
    await session.close();
    await probe.until(() => probe.others.length > 0);
    assert.equal(probe.others[0][1], 200);
  });

  it('says when the peer falls silent, once, and again after it came back', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port, { rtpTimeoutMs: 200 }));
    let timeouts = 0;
    session.on('rtpTimeout', () => timeouts++);
    const silent = (): Promise<void> => new Promise((resolve) => session.on('rtpTimeout', resolve));
    await silent();
    await probe.sendRtp(port.rtpPort, { sequence: 1, timestamp: 0, payload: LOUD });
    await silent();
    assert.equal(timeouts, 2);
    session.update(towards(probe.port, { rtpTimeoutMs: 200, direction: 'sendonly' }));
    await packetTimes(session, 20);
    assert.equal(timeouts, 2, 'who may not send cannot fall silent');
  });

  it('reports its figures at an interval when asked to, and no longer when told so', async () => {
    const port = await engine.reserve(RANGE);
    const session = port.open(towards(probe.port, { statisticsIntervalMs: 100 }));
    const samples: number[] = [];
    const three = new Promise<void>((resolve) => {
      session.on('statistics', ({ sent, maxLagMs }) => {
        assert.ok(maxLagMs > 0 && maxLagMs < 60_000, `a lag of ${maxLagMs} ms`);
        samples.push(sent.packets);
        if (samples.length === 3) resolve();
      });
    });
    await three;
    assert.ok(samples[0] > 0 && samples[1] > samples[0] && samples[2] > samples[1], samples.join());
    session.update(towards(probe.port));
    await session.statistics();
    const count = samples.length;
    await packetTimes(session, 15);
    assert.equal(samples.length, count);
    await session.close();
  });

  it('refuses digits that were not negotiated, a second playback, and anything after close', async () => {
    const { a, b } = await connectedPair(engine, { telephoneEvent: undefined });
    const digits = { digits: '1', method: 'rfc4733', toneMs: 100, gapMs: 60 } as const;
    await assert.rejects(a.sendDigits(digits), { code: 'DTMF_NOT_NEGOTIATED' });
    const first = a.play({ source: 'silence' });
    await first.started;
    await assert.rejects(a.play({ source: 'silence' }).started, { code: 'CALL_STATE' });
    a.stopSending('hangup');
    assert.equal((await first.finished).reason, 'hangup');
    await assert.rejects(a.play({ source: 'silence' }).started, { code: 'CALL_ENDED' });
    await a.close();
    await assert.rejects(a.play({ source: 'silence' }).started, { code: 'CALL_ENDED' });
    await assert.rejects(a.record({ file: '/x', channels: 'mixed' }).started, { code: 'CALL_ENDED' });
    await assert.rejects(a.sendDigits(digits), { code: 'CALL_ENDED' });
    await b.close();
  });

  it('names what cannot be played', async () => {
    const { a } = await connectedPair(engine);
    const outcome = async (source: string | Uint8Array): Promise<string> => {
      const playback = a.play({ source });
      const failure = await playback.started.then(
        () => assert.fail('it started'),
        (error: { code: string; message: string }) => error,
      );
      await assert.rejects(playback.finished);
      return failure.code;
    };
    assert.equal(await outcome('/nowhere/at/all.wav'), 'FILE_NOT_FOUND');
    assert.equal(await outcome('sipflow:no-such-sound'), 'FILE_NOT_FOUND');
    assert.equal(await outcome('sipflow:../../etc/passwd'), 'FILE_NOT_FOUND');
    assert.equal(await outcome('relative.wav'), 'BAD_AUDIO');
    assert.equal(await outcome(__filename), 'BAD_AUDIO');
    assert.equal(await outcome(new Uint8Array(3)), 'BAD_AUDIO');
    assert.equal(await outcome('/'), 'FILE_ACCESS');
  });

  it('pauses and resumes a playback without losing a sample, and plays bytes', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'prompt.wav');
      writeWav(file, sine(1000, 400));
      const port = await engine.reserve(RANGE);
      const session = port.open(towards(probe.port));
      const playback = session.play({ source: readFileSync(file) });
      await playback.started;
      playback.pause();
      await session.statistics();
      await packetTimes(session, 15);
      playback.resume();
      const result = await playback.finished;
      assert.deepEqual(result, { reason: 'completed', durationMs: 400, playedMs: 400 });
      await session.close();
      const loud = probe.packets.filter((packet) => packet.payload.some((byte) => byte !== 0xff));
      assert.equal(loud.length, 20);
    }));
});
