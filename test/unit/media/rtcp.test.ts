import assert from 'node:assert/strict';
import { RtcpPacketConverter, RtcpRrPacket, RtcpSrPacket, RtcpSourceDescriptionPacket } from 'werift-rtp';
import {
  compactNtp,
  parseCompound,
  roundTripMs,
  writeCompound,
} from '../../../lib/media/worker/rtcp/packets';
import { RtcpSession, type RtcpView } from '../../../lib/media/worker/rtcp/rtcp-session';
import { SequenceTracker } from '../../../lib/media/worker/receive/sequence-tracker';

const WALL = Date.UTC(2024, 0, 2, 3, 4, 5, 250);
const BLOCK = {
  ssrc: 0x11223344,
  fractionLost: 64,
  cumulativeLost: 5,
  highestSequence: 0x00010203,
  jitter: 17,
  lastSenderReport: 0xaabbccdd,
  delaySinceLast: 65536,
};

describe('media: RTCP (RFC 3550, 6)', () => {
  it('an independent parser reads our compound packet', () => {
    const packet = writeCompound({
      ssrc: 0xcafebabe,
      cname: 'someone@somewhere',
      sender: { wallMs: WALL, rtpTimestamp: 4000000000, packets: 50, octets: 8000 },
      block: BLOCK,
      bye: true,
    });
    const [report, description] = RtcpPacketConverter.deSerialize(Buffer.from(packet));
    assert.ok(report instanceof RtcpSrPacket);
    assert.equal(report.ssrc, 0xcafebabe);
    assert.equal(report.senderInfo.rtpTimestamp, 4000000000);
    assert.equal(report.senderInfo.packetCount, 50);
    assert.equal(report.senderInfo.octetCount, 8000);
    assert.equal(Number(report.senderInfo.ntpTimestamp >> 32n), WALL / 1000 + 2208988800 - 0.25);
    assert.equal(Number(report.senderInfo.ntpTimestamp & 0xffffffffn), 0x40000000);
    const [block] = report.reports;
    assert.equal(block.ssrc, BLOCK.ssrc);
    assert.equal(block.fractionLost, 64);
    assert.equal(block.packetsLost, 5);
    assert.equal(block.highestSequence, BLOCK.highestSequence);
    assert.equal(block.jitter, 17);
    assert.equal(block.lsr, BLOCK.lastSenderReport);
    assert.equal(block.dlsr, BLOCK.delaySinceLast);
    assert.ok(description instanceof RtcpSourceDescriptionPacket);
    assert.equal(description.chunks[0].items[0].text, 'someone@somewhere');
    assert.equal(Buffer.from(packet.subarray(-8)).toString('hex'), '81cb0001cafebabe');
  });

  it('a receiver report goes out when nothing was sent, without a block when nothing came', () => {
    const packet = Buffer.from(writeCompound({ ssrc: 1, cname: 'x' }));
    const [report] = RtcpPacketConverter.deSerialize(packet);
    assert.ok(report instanceof RtcpRrPacket);
    assert.equal(packet.toString('hex'), '80c9000100000001' + '81ca0002000000010101' + '7800');
  });

  it('reads our own packets back, negative loss included', () => {
    const block = { ...BLOCK, cumulativeLost: -3 };
    const report = parseCompound(writeCompound({ ssrc: 7, cname: 'x', block, bye: true }));
    assert.deepEqual(report, { ssrc: 7, blocks: [block], bye: true });
  });

  it('the round trip is the time since the SR less the time the peer held it', () => {
    const sent = compactNtp(WALL);
    const block = { ...BLOCK, lastSenderReport: sent, delaySinceLast: 0x10000 / 4 };
    assert.ok(Math.abs(roundTripMs(block, WALL + 290)! - 40) < 0.1);
    assert.equal(roundTripMs(block, WALL + 100), undefined, 'a clock that stepped back makes no figure');
    assert.equal(roundTripMs({ ...block, lastSenderReport: 0 }, WALL), undefined);
    assert.equal(roundTripMs(block, WALL + 40_000), undefined, 'no packet takes so long');
  });

  it('survives any bytes', () => {
    const valid = writeCompound({ ssrc: 1, cname: 'abc', block: BLOCK, bye: true });
    for (let cut = 0; cut < valid.length; cut++) parseCompound(valid.subarray(0, cut));
    let seed = 7;
    const random = (): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff);
    for (let round = 0; round < 20000; round++) {
      const bytes = Uint8Array.from(valid);
      for (let change = 0; change < 4; change++) bytes[random() % bytes.length] = random() >> 8;
      parseCompound(bytes);
    }
    assert.equal(parseCompound(new Uint8Array(0)), undefined);
    assert.equal(parseCompound(Buffer.from('00c9000100000001', 'hex')), undefined);
  });

  it('two sessions learn the round trip from each other', () => {
    const parties = [1, 2].map((ssrc) => {
      const sequences = new SequenceTracker();
      for (let sequence = 0; sequence < 10; sequence++) if (sequence !== 5) sequences.accept(sequence);
      const view: RtcpView = {
        ssrc,
        remoteSsrc: 3 - ssrc,
        sequences,
        jitterUnits: () => 0,
        senderInfo: (wallMs) => ({ wallMs, rtpTimestamp: 0, packets: 1, octets: 160 }),
      };
      return new RtcpSession(view, `party-${ssrc}`, 0, () => 0.5);
    });
    const [a, b] = parties;
    // a reports at 0; it takes 30 ms; b answers 1 s later; that takes 50 ms.
    assert.ok(b.accept(a.report(0, WALL), 30, WALL + 30));
    assert.ok(a.accept(b.report(1030, WALL + 1030), 1080, WALL + 1080));
    assert.ok(Math.abs(a.rttMs! - 80) < 0.1, `${a.rttMs} ms`);
    assert.equal(b.rttMs, undefined);
  });

  it('reports the share that was lost since the report before', () => {
    const sequences = new SequenceTracker();
    const view: RtcpView = {
      ssrc: 1,
      remoteSsrc: 2,
      sequences,
      jitterUnits: () => 0,
      senderInfo: () => undefined,
    };
    const session = new RtcpSession(view, 'x', 0);
    for (const sequence of [0, 1, 3]) sequences.accept(sequence);
    const fraction = (): number => parseCompound(session.report(0, WALL))!.blocks[0].fractionLost;
    assert.equal(fraction(), 64);
    for (const sequence of [4, 5, 6, 7]) sequences.accept(sequence);
    assert.equal(fraction(), 0);
  });

  it('randomises the interval: 2 to 6.2 s, the first one half', () => {
    const view = { ssrc: 1, remoteSsrc: undefined, sequences: new SequenceTracker() };
    for (const [value, first, next] of [
      [0, 1026, 2052],
      [0.999999, 3078, 6156],
    ]) {
      const session = new RtcpSession(
        { ...view, jitterUnits: () => 0, senderInfo: () => undefined },
        'x',
        0,
        () => value,
      );
      assert.equal(Math.round(session.nextDue), first);
      session.report(1000, WALL);
      assert.equal(Math.round(session.nextDue), 1000 + next);
    }
  });
});
