import assert from 'node:assert/strict';
import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import {
  RtpHeader as OracleHeader,
  SrtcpSession as OracleSrtcp,
  SrtpSession as OracleSrtp,
} from 'werift-rtp';
import { writeCompound } from '../../../lib/media/worker/rtcp';
import { RTP_HEADER_LENGTH, writeRtpHeader } from '../../../lib/media/worker/rtp-packet';
import { Aes } from '../../../lib/media/worker/srtp/aes';
import { CounterMode } from '../../../lib/media/worker/srtp/counter-mode';
import { HmacSha1 } from '../../../lib/media/worker/srtp/hmac-sha1';
import { deriveKeys, SRTP_SUITES } from '../../../lib/media/worker/srtp/keys';
import { SRTP_OVERHEAD, SrtpReceiver, SrtpSender } from '../../../lib/media/worker/srtp/srtp';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** Key and salt of RFC 3711, B.3. */
const KEY = hex('E1F97A0D3E018BE0D64FA32C06DE4139');
const SALT = hex('0EC675AD498AFEEBB6960B3AABE6');
const INLINE = `inline:${Buffer.concat([KEY, SALT]).toString('base64')}`;
const SUITE = 'AES_CM_128_HMAC_SHA1_80';

function rtp(sequence: number, payload: Uint8Array = Buffer.alloc(160, sequence), ssrc = 0xcafebabe): Buffer {
  const packet = Buffer.alloc(RTP_HEADER_LENGTH + payload.length);
  writeRtpHeader(packet, false, 0, sequence & 0xffff, sequence * 160, ssrc);
  packet.set(payload, RTP_HEADER_LENGTH);
  return packet;
}

function protect(sender: SrtpSender, packet: Buffer): Buffer {
  const room = Buffer.alloc(packet.length + SRTP_OVERHEAD);
  packet.copy(room);
  return room.subarray(0, sender.protectRtp(room, packet.length));
}

function unprotect(receiver: SrtpReceiver, packet: Buffer): Buffer | undefined {
  const copy = Buffer.from(packet);
  const length = receiver.unprotectRtp(copy);
  return length < 0 ? undefined : copy.subarray(0, length);
}

describe('media: SRTP building blocks', () => {
  it('AES agrees with FIPS 197 and with OpenSSL for every key length', () => {
    const encrypt = (key: Buffer, block: Buffer): string => {
      const aes = new Aes(key);
      aes.s0 = block.readInt32BE(0);
      aes.s1 = block.readInt32BE(4);
      aes.s2 = block.readInt32BE(8);
      aes.s3 = block.readInt32BE(12);
      aes.encrypt();
      const output = Buffer.alloc(16);
      [aes.s0, aes.s1, aes.s2, aes.s3].forEach((word, index) => output.writeInt32BE(word | 0, 4 * index));
      return output.toString('hex');
    };
    const block = hex('00112233445566778899aabbccddeeff');
    assert.equal(encrypt(hex('000102030405060708090a0b0c0d0e0f'), block), '69c4e0d86a7b0430d8cdb78070b4c55a');
    for (let round = 0; round < 200; round++) {
      const bytes = [16, 24, 32][round % 3];
      const [key, input] = [randomBytes(bytes), randomBytes(16)];
      const oracle = createCipheriv(`aes-${bytes * 8}-ecb`, key, null).setAutoPadding(false);
      assert.equal(encrypt(key, input), oracle.update(input).toString('hex'));
    }
  });

  it('the key stream is that of RFC 3711, B.2', () => {
    const cipher = new CounterMode(
      hex('2B7E151628AED2A6ABF7158809CF4F3C'),
      hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
    );
    const stream = new Uint8Array(0xff02 * 16);
    cipher.apply(stream, 0, stream.length, 0, 0, 0);
    const block = (index: number): string =>
      Buffer.from(stream.subarray(16 * index, 16 * index + 16))
        .toString('hex')
        .toUpperCase();
    assert.equal(block(0), 'E03EAD0935C95E80E166B16DD92B4EB4');
    assert.equal(block(1), 'D23513162B02D0F72A43A2FE4A5F97AB');
    assert.equal(block(0xfeff), 'EC8CDF7398607CB0F2D21675EA9EA1E4');
    assert.equal(block(0xff00), '362B7C3C6773516318A077D7FC5073AE');
    assert.equal(block(0xff01), '6A2CC3787889374FBEB4C81B17BA6C44');
  });

  it('HMAC-SHA1 agrees with OpenSSL for every length around the block boundaries', () => {
    for (let length = 0; length < 300; length++) {
      const [key, message] = [randomBytes(20), randomBytes(length)];
      const own = new HmacSha1(key);
      const output = Buffer.alloc(20);
      own.compute(message, length);
      own.write(output, 0, 20);
      assert.deepEqual(output, createHmac('sha1', key).update(message).digest());
      own.compute(message, length, 0x01020304);
      own.write(output, 0, 20);
      const appended = Buffer.concat([message, hex('01020304')]);
      assert.deepEqual(output, createHmac('sha1', key).update(appended).digest());
    }
  });

  it('the session keys are those of RFC 3711, B.3', () => {
    const { rtp: keys } = deriveKeys(SUITE, INLINE);
    const upper = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();
    assert.equal(upper(keys.encryption), 'C61E7A93744F39EE10734AFE3FF7A087');
    assert.equal(upper(keys.salt), '30CBBC08863D8C85D49DB34A9AE1');
    assert.equal(upper(keys.authentication), 'CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4');
  });

  it('reads key parameters as SDP spells them, and never repeats a key in an error', () => {
    assert.equal(deriveKeys(SUITE, `${INLINE}|2^20|1:4`).mkiBytes, 4);
    assert.equal(deriveKeys(SUITE, INLINE.slice('inline:'.length)).mkiBytes, 0);
    assert.throws(() => deriveKeys('AES_256_CM_HMAC_SHA1_80', INLINE), /30 bytes instead of 46/);
    assert.throws(
      () => deriveKeys('NULL_HMAC_SHA1_80', INLINE),
      (error: Error) => {
        assert.match(error.message, /not supported; use one of AES_CM_128_HMAC_SHA1_80/);
        assert.ok(!error.message.includes(INLINE.slice(10, 20)));
        return true;
      },
    );
  });
});

describe('media: SRTP (RFC 3711)', () => {
  it('protects the reference packet of libsrtp byte for byte', () => {
    const packet = hex('800f1234decafbadcafebabe' + 'ab'.repeat(16));
    assert.equal(
      protect(new SrtpSender(SUITE, INLINE), packet).toString('hex'),
      '800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb',
    );
  });

  it('what is protected comes out again, for every suite, over the wrap of the sequence number', () => {
    for (const suite of SRTP_SUITES) {
      const inline = randomBytes(suite.includes('256') ? 46 : 30).toString('base64');
      const [sender, receiver] = [new SrtpSender(suite, inline), new SrtpReceiver(suite, inline)];
      for (let index = 32000; index < 32000 + 70_000; index += index % 65536 < 65500 ? 97 : 1) {
        const packet = rtp(index);
        const secured = protect(sender, packet);
        assert.equal(secured.length, packet.length + (suite.endsWith('80') ? 10 : 4));
        assert.notDeepEqual(secured.subarray(12, 28), packet.subarray(12, 28));
        assert.deepEqual(unprotect(receiver, secured), packet, `${suite} ${index}`);
      }
    }
  });

  it('an independent implementation reads ours, and we read its packets', () => {
    const keys = { localMasterKey: KEY, localMasterSalt: SALT, remoteMasterKey: KEY, remoteMasterSalt: SALT };
    const oracle = new OracleSrtp({ keys, profile: 1 });
    const [sender, receiver] = [new SrtpSender(SUITE, INLINE), new SrtpReceiver(SUITE, INLINE)];
    for (let index = 0; index < 50; index++) {
      const packet = rtp(index, randomBytes(1 + ((index * 37) % 300)));
      assert.deepEqual(Buffer.from(oracle.decrypt(protect(sender, packet))), packet);
      const header = new OracleHeader({ payloadType: 0, sequenceNumber: index, timestamp: 1, ssrc: 77 });
      const theirs = Buffer.from(oracle.encrypt(randomBytes(20), header));
      assert.ok(unprotect(receiver, theirs));
    }
    const rtcpOracle = new OracleSrtcp({ keys, profile: 1 });
    for (let index = 0; index < 5; index++) {
      const report = writeCompound({ ssrc: 0x01020304 + index, cname: 'x', bye: true });
      assert.deepEqual(
        Buffer.from(rtcpOracle.decrypt(Buffer.from(sender.protectRtcp(report)))),
        Buffer.from(report),
      );
      const theirs = Buffer.from(rtcpOracle.encrypt(Buffer.from(report)));
      assert.deepEqual(Buffer.from(receiver.unprotectRtcp(theirs)!), Buffer.from(report));
    }
  });

  it('refuses replays, of RTCP too', () => {
    const [sender, receiver] = [new SrtpSender(SUITE, INLINE), new SrtpReceiver(SUITE, INLINE)];
    const packets = [1, 2, 3, 4, 5].map((sequence) => protect(sender, rtp(sequence)));
    for (const order of [0, 2, 1, 4, 3]) assert.ok(unprotect(receiver, packets[order]));
    for (const packet of packets) assert.equal(unprotect(receiver, packet), undefined);
    const report = sender.protectRtcp(writeCompound({ ssrc: 1, cname: 'x' }));
    assert.ok(receiver.unprotectRtcp(Uint8Array.from(report)));
    assert.equal(receiver.unprotectRtcp(Uint8Array.from(report)), undefined);
  });

  it('refuses packets older than its window, and takes late ones within it', () => {
    const [sender, receiver] = [new SrtpSender(SUITE, INLINE), new SrtpReceiver(SUITE, INLINE)];
    const packets = Array.from({ length: 600 }, (_, sequence) => protect(sender, rtp(sequence)));
    assert.ok(unprotect(receiver, packets[0]));
    assert.ok(unprotect(receiver, packets[599]));
    assert.ok(unprotect(receiver, packets[400]));
    assert.equal(unprotect(receiver, packets[100]), undefined);
  });

  it('goes on after losing many packets across a wrap of the sequence number, reordering included', () => {
    const [sender, receiver] = [new SrtpSender(SUITE, INLINE), new SrtpReceiver(SUITE, INLINE)];
    const packets = Array.from({ length: 400 }, (_, index) => protect(sender, rtp(65400 + index)));
    const plain = (index: number): Buffer => rtp(65400 + index);
    for (let index = 0; index < 80; index++) assert.ok(unprotect(receiver, packets[index]));
    // 111 packets are lost, the wrap among them; then one from before the wrap comes late.
    assert.deepEqual(unprotect(receiver, packets[191]), plain(191));
    assert.deepEqual(unprotect(receiver, packets[100]), plain(100));
    for (let index = 192; index < 400; index++) assert.ok(unprotect(receiver, packets[index]));
  });

  it('a forged packet changes nothing, and any bytes are only refused', () => {
    const [sender, receiver] = [new SrtpSender(SUITE, INLINE), new SrtpReceiver(SUITE, INLINE)];
    const secured = protect(sender, rtp(5));
    for (let bit = 0; bit < secured.length * 8; bit += 7) {
      const forged = Buffer.from(secured);
      forged[bit >> 3] ^= 1 << (bit & 7);
      assert.equal(unprotect(receiver, forged), undefined, `bit ${bit}`);
    }
    for (let length = 0; length < 60; length++) {
      assert.equal(unprotect(receiver, randomBytes(length)), undefined);
      assert.equal(receiver.unprotectRtcp(randomBytes(length)), undefined);
      assert.equal(unprotect(receiver, secured.subarray(0, Math.min(length, secured.length - 1))), undefined);
    }
    assert.ok(unprotect(receiver, secured));
  });

  it('leaves CSRCs and the extension in the clear, and takes a key identifier off', () => {
    const withMki = new SrtpReceiver(SUITE, `${INLINE}|1:4`);
    const secured = protect(new SrtpSender(SUITE, INLINE), rtp(9));
    const tagged = Buffer.concat([secured.subarray(0, -10), hex('00000001'), secured.subarray(-10)]);
    assert.deepEqual(unprotect(withMki, tagged), rtp(9));
    const keys = { localMasterKey: KEY, localMasterSalt: SALT, remoteMasterKey: KEY, remoteMasterSalt: SALT };
    const header = new OracleHeader({
      payloadType: 8,
      sequenceNumber: 1,
      timestamp: 2,
      ssrc: 3,
      csrc: [4, 5],
    });
    const theirs = Buffer.from(new OracleSrtp({ keys, profile: 1 }).encrypt(Buffer.from('payload'), header));
    const plain = unprotect(new SrtpReceiver(SUITE, INLINE), theirs);
    assert.equal(plain?.subarray(-7).toString(), 'payload');
  });
});
