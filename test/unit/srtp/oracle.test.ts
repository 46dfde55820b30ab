import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import {
  ProtectionProfileAeadAes128Gcm,
  ProtectionProfileAes128CmHmacSha1_80,
  RtpPacket,
  SrtcpSession,
  SrtpSession,
} from 'werift-rtp';
import {
  createSrtpReceiver,
  createSrtpSender,
  masterLength,
  SRTP_SUITE_NAMES,
  srtpSuite,
} from '../../../lib/media/srtp';
import type { SrtpSuite } from '../../../lib/media/srtp';
import { bytes, packetBuffer, rtcpPacket, rtpPacket } from './support';

const suite = (name: string): SrtpSuite => srtpSuite(name) ?? assert.fail(name);

/** One packet as RFC 3711, RFC 6188 and RFC 7714 define it, made with OpenSSL. */
function expectedRtp(of: SrtpSuite, master: Buffer, packet: Buffer, roc: number): Buffer {
  const derive = (label: number, length: number): Buffer => {
    const x = Buffer.alloc(16);
    master.copy(x, 0, of.keyLength);
    x[7] ^= label;
    const cipher = createCipheriv(`aes-${8 * of.keyLength}-ctr`, master.subarray(0, of.keyLength), x);
    return cipher.update(Buffer.alloc(length));
  };
  const key = derive(0, of.keyLength);
  const salt = derive(2, of.saltLength);
  const iv = Buffer.alloc(of.mode === 'cm' ? 16 : 12);
  salt.copy(iv);
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(roc);
  const index = Buffer.concat([packet.subarray(8, 12), counter, packet.subarray(2, 4)]);
  const indexAt = of.mode === 'cm' ? 4 : 2;
  index.forEach((byte, i) => (iv[indexAt + i] ^= byte));
  const header = packet.subarray(0, 12);
  if (of.mode === 'gcm') {
    const cipher = createCipheriv(of.keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, iv);
    cipher.setAAD(header);
    const secret = Buffer.concat([cipher.update(packet.subarray(12)), cipher.final()]);
    return Buffer.concat([header, secret, cipher.getAuthTag()]);
  }
  const secret = createCipheriv(`aes-${8 * of.keyLength}-ctr`, key, iv).update(packet.subarray(12));
  const clear = Buffer.concat([header, secret]);
  const tag = createHmac('sha1', derive(1, 20)).update(clear).update(counter).digest();
  return Buffer.concat([clear, tag.subarray(0, of.rtpTagLength)]);
}

describe('SRTP against OpenSSL', () => {
  for (const name of SRTP_SUITE_NAMES) {
    it(`${name}: the same packets, over a sequence wrap`, () => {
      const of = suite(name);
      const master = bytes(masterLength(of), name);
      const sender = createSrtpSender(name, master);
      const receiver = createSrtpReceiver(name, master);
      for (let i = 65520; i < 65560; i++) {
        // Payloads of every length around the block size, and none at all.
        const plain = rtpPacket(i, 0x89abcdef, i - 65520);
        const packet = packetBuffer(plain);
        const length = sender.protectRtp(packet, plain.length);
        const expected = expectedRtp(of, master, plain, i >> 16);
        assert.equal(packet.toString('hex', 0, length), expected.toString('hex'), `packet ${i}`);
        assert.equal(receiver.unprotectRtp(packet, length), plain.length);
        assert.deepEqual(packet.subarray(0, plain.length), plain);
      }
    });
  }
});

describe('SRTP against werift-rtp', () => {
  for (const [name, profile] of [
    ['AES_CM_128_HMAC_SHA1_80', ProtectionProfileAes128CmHmacSha1_80],
    ['AEAD_AES_128_GCM', ProtectionProfileAeadAes128Gcm],
  ] as const) {
    const ours = bytes(masterLength(suite(name)), 'ours');
    const theirs = bytes(masterLength(suite(name)), 'theirs');
    const config = {
      profile,
      keys: {
        localMasterKey: theirs.subarray(0, 16),
        localMasterSalt: theirs.subarray(16),
        remoteMasterKey: ours.subarray(0, 16),
        remoteMasterSalt: ours.subarray(16),
      },
    };

    it(`${name}: it reads our RTP, over two sequence wraps`, () => {
      const peer = new SrtpSession(config);
      const sender = createSrtpSender(name, ours);
      for (let i = 65000; i < 65000 + 2 * 65536; i++) {
        const plain = rtpPacket(i, 0xcafebabe, 4);
        const packet = packetBuffer(plain);
        const length = sender.protectRtp(packet, plain.length);
        // The peer loses its place when a wrap is missed, so it sees all packets around the wraps and few others.
        if ((i & 0xffff) > 200 && (i & 0xffff) < 65300 && i % 1000 !== 0) continue;
        const opened = peer.decrypt(Buffer.from(packet.subarray(0, length)));
        assert.equal(opened.toString('hex'), plain.toString('hex'), `packet ${i}`);
      }
    });

    it(`${name}: we read its RTP, over a sequence wrap`, () => {
      const peer = new SrtpSession(config);
      const receiver = createSrtpReceiver(name, theirs);
      for (let i = 65400; i < 65700; i++) {
        const plain = rtpPacket(i);
        const { header } = RtpPacket.deSerialize(plain);
        const sealed = peer.encrypt(plain.subarray(12), header);
        const packet = packetBuffer(sealed);
        assert.equal(receiver.unprotectRtp(packet, sealed.length), plain.length, `packet ${i}`);
        assert.deepEqual(packet.subarray(0, plain.length), plain);
      }
    });

    it(`${name}: SRTCP in both directions`, () => {
      const peer = new SrtcpSession(config);
      const sender = createSrtpSender(name, ours);
      const receiver = createSrtpReceiver(name, theirs);
      for (let i = 0; i < 50; i++) {
        const plain = rtcpPacket();
        const packet = packetBuffer(plain);
        const length = sender.protectRtcp(packet, plain.length);
        assert.equal(length, plain.length + sender.rtcpOverhead);
        assert.deepEqual(peer.decrypt(Buffer.from(packet.subarray(0, length))), plain);

        const sealed = peer.encrypt(plain);
        const received = packetBuffer(sealed);
        assert.equal(receiver.unprotectRtcp(received, sealed.length), plain.length);
        assert.deepEqual(received.subarray(0, plain.length), plain);
      }
    });
  }
});
