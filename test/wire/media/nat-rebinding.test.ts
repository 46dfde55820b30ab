import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { MediaEngine, MediaParameters, MediaPort, MediaSession } from '../../../lib/media';
import { createSrtpSender, type SrtpSender } from '../../../lib/media/srtp';
import { RtpProbe } from './support/rtp-probe';
import { packetTimes, RANGE, runningEngine, towards } from './support/sessions';

const PEER = 0x1234;
const STRANGER = 0x9999;
/** Where the SDP says that the peer is: nothing comes from there, as from behind a NAT. */
const INSIDE = { address: '127.0.0.77', rtpPort: 4000, rtcpPort: 4001 };

describe('media: a NAT that gives the peer other ports in mid-call', () => {
  let engine: MediaEngine;
  let port: MediaPort;
  let session: MediaSession;
  /** The peer before and after the NAT has rebound it. */
  let first: RtpProbe;
  let second: RtpProbe;
  let sequence: number;
  let sender: SrtpSender | undefined;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());
  beforeEach(async () => {
    [first, second] = [await RtpProbe.open(), await RtpProbe.open()];
    sequence = 65_500;
    sender = undefined;
  });
  afterEach(async () => {
    await session.close();
    await Promise.all([first.close(), second.close()]);
  });

  async function open(changes: Partial<MediaParameters> = {}): Promise<void> {
    port = await engine.reserve(RANGE);
    session = port.open(towards(4000, { remote: INSIDE, ...changes }));
  }

  async function send(from: RtpProbe, ssrc = PEER): Promise<void> {
    const packet = Buffer.alloc(172 + 10, 0x55);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt16BE(sequence++ & 0xffff, 2);
    packet.writeUInt32BE(sequence * 160, 4);
    packet.writeUInt32BE(ssrc, 8);
    const length = sender ? sender.protectRtp(packet, 172) : 172;
    await from.send(packet.subarray(0, length), port.rtpPort);
  }

  const heardPackets = async (): Promise<number> => (await session.statistics()).received.packets;

  /** Sends a packet each packet time until the session has taken one; how many it took for that. */
  async function untilHeard(from: RtpProbe, ssrc = PEER): Promise<number> {
    const heard = await heardPackets();
    for (let count = 1; ; count++) {
      await send(from, ssrc);
      await packetTimes(session, 1);
      if ((await heardPackets()) > heard) return count;
    }
  }

  async function talk(from: RtpProbe, count: number): Promise<void> {
    for (let index = 0; index < count; index++) await untilHeard(from);
  }

  it('is heard again from there within half a second, and gets our packets there', async () => {
    await open();
    await talk(first, 10);
    assert.ok(first.packets.length > 0);
    assert.ok((await untilHeard(second)) > 3, 'not before the old place is silent');
    await talk(second, 10);
    const soFar = first.packets.length;
    await second.until(() => second.packets.length > 5);
    assert.ok(first.packets.length <= soFar + 1);
  });

  it('is heard again although its SSRC is another one, after a second, also when a re-INVITE came between', async () => {
    await open();
    await talk(first, 10);
    session.update(towards(4000, { remote: INSIDE, direction: 'sendonly' }));
    session.update(towards(4000, { remote: INSIDE }));
    const began = performance.now();
    await untilHeard(second, STRANGER);
    const took = performance.now() - began;
    assert.ok(took > 900, `${took} ms`);
    await second.until(() => second.packets.length > 2);
  });

  it('is never displaced while it talks', async () => {
    await open();
    await talk(first, 10);
    for (let index = 0; index < 50; index++) {
      await send(first);
      const mine = sequence;
      sequence = (mine * 7) & 0xffff;
      await send(second, STRANGER);
      sequence = mine;
      await packetTimes(session, 1);
    }
    assert.equal(second.packets.length, 0);
    const { received } = await session.statistics();
    assert.deepEqual([received.packets, received.discarded], [60, 50]);
  });

  it('is heard and answered at once when its packets are authentic, and forged ones are not', async () => {
    const [sendKey, receiveKey] = [randomBytes(30), randomBytes(30)];
    const inline = (key: Buffer): string => `inline:${key.toString('base64')}`;
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    await open({ srtp: { suite, sendKey: inline(sendKey), receiveKey: inline(receiveKey) } });
    const authentic = createSrtpSender(suite, receiveKey);
    sender = authentic;
    await talk(first, 10);
    sender = createSrtpSender(suite, randomBytes(30));
    for (let index = 0; index < 20; index++) await send(second);
    sender = authentic;
    const { received } = await session.statistics();
    assert.deepEqual([received.packets, second.packets.length], [10, 0]);
    assert.equal(await untilHeard(second), 1);
    await second.until(() => second.packets.length > 2);
  });

  it('gets reports where its own came from, when it is the peer’s by its SSRC', async () => {
    await open();
    await talk(first, 10);
    const [rtcp, forged] = [await RtpProbe.open(), await RtpProbe.open()];
    const report = (ssrc: number): Buffer => {
      const packet = Buffer.from('80c9000100000000', 'hex');
      packet.writeUInt32BE(ssrc, 4);
      return packet;
    };
    await rtcp.send(report(PEER), port.rtcpPort);
    await packetTimes(session, 2);
    await forged.send(report(STRANGER), port.rtcpPort);
    await packetTimes(session, 2);
    await session.close();
    await rtcp.until(() => rtcp.others.length > 0);
    assert.equal(forged.others.length, 0);
    await Promise.all([rtcp.close(), forged.close()]);
  });
});
