import assert from 'node:assert/strict';
import {
  createSrtpReceiver,
  createSrtpSender,
  masterKeysOf,
  masterLength,
  SRTP_SUITE_NAMES,
  SrtpFault,
  srtpSuite,
  type SrtpSuite,
} from '../../../lib/media/srtp';
import { bytes, packetBuffer, rtcpPacket, rtpPacket } from './support';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const MKI = Buffer.from('00000001', 'hex');
const suite = (name: string): SrtpSuite => srtpSuite(name) ?? assert.fail(name);
const key = (name: string, seed: string): Buffer => bytes(masterLength(suite(name)), seed);

/** Protects a copy of the packet and returns it as it is on the wire. */
function sealed(protect: (packet: Buffer, length: number) => number, plain: Buffer): Buffer {
  const packet = packetBuffer(plain);
  const length = protect(packet, plain.length);
  assert.ok(length > 0, `protect: ${length}`);
  return packet.subarray(0, length);
}

/** The packet with the identifier before its last `behind` bytes. */
function withIdentifier(packet: Buffer, mki: Buffer, behind: number): Buffer {
  const at = packet.length - behind;
  return Buffer.concat([packet.subarray(0, at), mki, packet.subarray(at)]);
}

describe('SRTP packets with a key identifier (MKI)', () => {
  for (const name of SRTP_SUITE_NAMES) {
    it(`${name}: carry it where RFC 3711 and RFC 7714 put it, and nothing else differs`, () => {
      const of = suite(name);
      const master = key(name, 'one');
      const plainSender = createSrtpSender(name, master);
      const sender = createSrtpSender(name, [{ master, mki: MKI }]);
      const receiver = createSrtpReceiver(name, [{ master, mki: MKI }]);
      assert.equal(sender.rtpOverhead, plainSender.rtpOverhead + MKI.length);
      assert.equal(sender.rtcpOverhead, plainSender.rtcpOverhead + MKI.length);

      const rtp = rtpPacket(7);
      const without = sealed((packet, length) => plainSender.protectRtp(packet, length), rtp);
      const packet = sealed((bytesOf, length) => sender.protectRtp(bytesOf, length), rtp);
      const behind = of.mode === 'cm' ? of.rtpTagLength : 0;
      assert.equal(packet.toString('hex'), withIdentifier(without, MKI, behind).toString('hex'));
      assert.equal(receiver.unprotectRtp(packet, packet.length), rtp.length);
      assert.deepEqual(packet.subarray(0, rtp.length), rtp);

      const rtcp = rtcpPacket();
      const bare = sealed((report, length) => plainSender.protectRtcp(report, length), rtcp);
      const report = sealed((bytesOf, length) => sender.protectRtcp(bytesOf, length), rtcp);
      const behindReport = of.mode === 'cm' ? of.rtcpTagLength : 0;
      assert.equal(report.toString('hex'), withIdentifier(bare, MKI, behindReport).toString('hex'));
      assert.equal(receiver.unprotectRtcp(report, report.length), rtcp.length);
      assert.deepEqual(report.subarray(0, rtcp.length), rtcp);
    });

    it(`${name}: a tampered packet is refused and left as it came`, () => {
      const masters = [{ master: key(name, 'one'), mki: MKI }];
      const sender = createSrtpSender(name, masters);
      const receiver = createSrtpReceiver(name, masters);
      const rtp = sealed((bytesOf, length) => sender.protectRtp(bytesOf, length), rtpPacket(1));
      const rtcp = sealed((bytesOf, length) => sender.protectRtcp(bytesOf, length), rtcpPacket());
      for (const [packet, open] of [
        [rtp, (bytesOf: Buffer) => receiver.unprotectRtp(bytesOf, bytesOf.length)],
        [rtcp, (bytesOf: Buffer) => receiver.unprotectRtcp(bytesOf, bytesOf.length)],
      ] as const) {
        for (let at = 0; at < packet.length; at++) {
          const forged = Buffer.from(packet);
          forged[at] ^= 0x01;
          const before = Buffer.from(forged);
          assert.ok(open(forged) < 0, `byte ${at}`);
          assert.deepEqual(forged, before, `byte ${at}`);
        }
        for (let length = 0; length < packet.length; length++) {
          assert.ok(open(Buffer.from(packet.subarray(0, length))) < 0, `${length} bytes`);
        }
        assert.ok(open(Buffer.from(packet)) > 0);
      }
    });
  }

  it('choose between several keys, over one count of packets and one memory of replays', () => {
    const masters = ['one', 'two', 'three'].map((seed, index) => ({
      master: key(SUITE, seed),
      mki: Uint8Array.of(0, index + 1),
    }));
    const receiver = createSrtpReceiver(SUITE, masters);
    const sender = createSrtpSender(SUITE, [masters[0]]);
    // The sender changes its key around the wrap of the sequence numbers, back and forth.
    for (let sequence = 65530; sequence < 65545; sequence++) {
      sender.rekey(SUITE, [masters[sequence % 3]]);
      const packet = sealed((bytesOf, length) => sender.protectRtp(bytesOf, length), rtpPacket(sequence));
      const again = Buffer.from(packet);
      assert.equal(receiver.unprotectRtp(packet, packet.length), 172, `packet ${sequence}`);
      assert.equal(receiver.unprotectRtp(again, again.length), SrtpFault.Replayed);
    }
    sender.rekey(SUITE, [{ master: key(SUITE, 'four'), mki: Uint8Array.of(0, 4) }]);
    const stranger = sealed((bytesOf, length) => sender.protectRtp(bytesOf, length), rtpPacket(65545));
    assert.equal(receiver.unprotectRtp(stranger, stranger.length), SrtpFault.Authentication);
  });

  it('begin and end with a new offer, while both kinds are underway', () => {
    const master = key(SUITE, 'one');
    const sender = createSrtpSender(SUITE, master);
    const receiver = createSrtpReceiver(SUITE, master);
    const seal = (sequence: number): Buffer =>
      sealed((bytesOf, length) => sender.protectRtp(bytesOf, length), rtpPacket(sequence));
    const open = (packet: Buffer): number => receiver.unprotectRtp(packet, packet.length);
    assert.equal(open(seal(1)), 172);
    const late = seal(2);
    sender.rekey(SUITE, [{ master, mki: MKI }]);
    receiver.rekey(SUITE, [{ master, mki: MKI }]);
    assert.equal(open(late), 172);
    assert.equal(open(seal(3)), 172);
    sender.rekey(SUITE, master);
    receiver.rekey(SUITE, master);
    assert.equal(open(seal(4)), 172);
  });

  it('do not overrun the buffer', () => {
    const sender = createSrtpSender(SUITE, [{ master: key(SUITE, 'one'), mki: MKI }]);
    const plain = rtpPacket(1);
    const packet = Buffer.alloc(plain.length + sender.rtpOverhead - 1);
    plain.copy(packet);
    assert.equal(sender.protectRtp(packet, plain.length), SrtpFault.NoRoom);
  });

  it('come from key parameters of SDP (RFC 4568, 9.2)', () => {
    const one = key(SUITE, 'one');
    const two = key(SUITE, 'two');
    const base64 = (master: Buffer): string => master.toString('base64');
    assert.deepEqual(masterKeysOf(`inline:${base64(one)}|2^20`), [{ master: one }]);
    assert.deepEqual(masterKeysOf(`${base64(one)}|258:4;inline:${base64(two)}|2^20|3:4`), [
      { master: one, mki: Uint8Array.of(0, 0, 1, 2) },
      { master: two, mki: Uint8Array.of(0, 0, 0, 3) },
    ]);
  });

  it('refuses keys that packets could not tell apart', () => {
    const master = key(SUITE, 'one');
    const bad: { master: Buffer; mki?: Uint8Array }[][] = [
      [],
      [{ master }, { master }],
      [{ master, mki: MKI }, { master }],
      [
        { master, mki: MKI },
        { master, mki: Uint8Array.of(1) },
      ],
      [{ master, mki: new Uint8Array(129) }],
    ];
    for (const masters of bad) {
      assert.throws(() => createSrtpReceiver(SUITE, masters), { code: 'BAD_CONFIG' });
    }
  });
});
