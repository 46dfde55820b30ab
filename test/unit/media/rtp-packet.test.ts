import assert from 'node:assert/strict';
import { RtpHeader as OracleHeader, RtpPacket as OraclePacket } from 'werift-rtp';
import {
  isRtcp,
  parseRtp,
  RTP_HEADER_LENGTH,
  RtpHeader,
  timestampDistance,
  writeRtpHeader,
} from '../../../lib/media/worker/rtp-packet';

describe('media: RTP packets (RFC 3550, 5.1)', () => {
  it('writes the fixed header byte for byte', () => {
    const packet = Buffer.alloc(RTP_HEADER_LENGTH + 2, 0xff);
    writeRtpHeader(packet, true, 101, 0xfffe, 0x80000001, 0xdeadbeef);
    assert.equal(packet.toString('hex'), '80e5fffe80000001deadbeefffff');
  });

  it('an independent parser reads what we write', () => {
    for (let index = 0; index < 500; index++) {
      const fields = {
        marker: index % 3 === 0,
        payloadType: index % 128,
        sequence: (index * 7919) & 0xffff,
        timestamp: (index * 2654435761) >>> 0,
        ssrc: (index * 40503 * 65537) >>> 0,
      };
      const packet = Buffer.alloc(RTP_HEADER_LENGTH + 160, index & 0xff);
      writeRtpHeader(
        packet,
        fields.marker,
        fields.payloadType,
        fields.sequence,
        fields.timestamp,
        fields.ssrc,
      );
      const read = OraclePacket.deSerialize(packet);
      assert.equal(read.header.marker, fields.marker);
      assert.equal(read.header.payloadType, fields.payloadType);
      assert.equal(read.header.sequenceNumber, fields.sequence);
      assert.equal(read.header.timestamp, fields.timestamp);
      assert.equal(read.header.ssrc, fields.ssrc);
      assert.deepEqual(Buffer.from(read.payload), packet.subarray(RTP_HEADER_LENGTH));
    }
  });

  it('reads what an independent writer writes, with CSRCs and padding', () => {
    const header = new RtpHeader();
    for (let csrcs = 0; csrcs <= 15; csrcs++) {
      const payload = Buffer.from('0123456789abcdef', 'hex');
      const written = new OraclePacket(
        new OracleHeader({
          payloadType: 8,
          sequenceNumber: 65535,
          timestamp: 4294967295,
          ssrc: 1,
          marker: csrcs % 2 === 0,
          csrc: Array.from({ length: csrcs }, (_, index) => index),
        }),
        payload,
      ).serialize();
      assert.ok(parseRtp(written, header));
      assert.equal(header.marker, csrcs % 2 === 0);
      assert.equal(header.payloadType, 8);
      assert.equal(header.sequence, 65535);
      assert.equal(header.timestamp >>> 0, 4294967295);
      assert.equal(header.ssrc, 1);
      const read = written.subarray(header.payloadOffset, header.payloadOffset + header.payloadLength);
      assert.deepEqual(Buffer.from(read), payload);
    }
  });

  it('skips an extension and takes padding off', () => {
    const header = new RtpHeader();
    // V=2 P=1 X=1; extension 0xbede of one word; payload aabb; padding 00 02.
    const packet = Buffer.from('b000000100000002000000' + '03bede000101020304' + 'aabb0002', 'hex');
    assert.ok(parseRtp(packet, header));
    assert.equal(header.payloadOffset, 20);
    assert.equal(header.payloadLength, 2);
  });

  it('refuses every malformed packet', () => {
    const header = new RtpHeader();
    const bad: Record<string, string> = {
      empty: '',
      'eleven bytes': '8000000100000002000000',
      'version 1': '400000010000000200000003',
      'CSRCs beyond the end': '8f0000010000000200000003',
      'extension header beyond the end': '900000010000000200000003bede',
      'extension beyond the end': '900000010000000200000003bedeffff',
      'padding of zero': 'a00000010000000200000003aa00',
      'padding longer than the payload': 'a00000010000000200000003aaff',
    };
    for (const [name, hex] of Object.entries(bad)) {
      assert.equal(parseRtp(Buffer.from(hex, 'hex'), header), false, name);
    }
  });

  it('survives any bytes', () => {
    const header = new RtpHeader();
    let seed = 1;
    const random = (): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff);
    for (let round = 0; round < 20000; round++) {
      const packet = Buffer.alloc(random() % 64);
      for (let index = 0; index < packet.length; index++) packet[index] = random() >> 8;
      if (round % 2 === 0 && packet.length > 0) packet[0] = 0x80 | (packet[0] & 0x3f);
      if (!parseRtp(packet, header)) continue;
      assert.ok(header.payloadOffset >= RTP_HEADER_LENGTH);
      assert.ok(header.payloadLength >= 0);
      assert.ok(header.payloadOffset + header.payloadLength <= packet.length);
    }
  });

  it('tells RTCP on the RTP port apart (RFC 5761, 4)', () => {
    assert.ok(isRtcp(Buffer.from('80c9000100000001', 'hex')));
    assert.ok(!isRtcp(Buffer.from('80c90001', 'hex')));
    assert.ok(!isRtcp(Buffer.from('8000000100000002', 'hex')));
    assert.ok(!isRtcp(Buffer.from('80e0000100000001', 'hex')), 'marker and payload type 96 is RTP');
  });

  it('measures distances over the wrap of the timestamp', () => {
    assert.equal(timestampDistance(0xfffffff0, 0x10), 32);
    assert.equal(timestampDistance(0x10, 0xfffffff0), -32);
  });
});
