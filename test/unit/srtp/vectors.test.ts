import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { aesCounterXor, expandAesKey } from '../../../lib/media/srtp/aes';
import { GcmTransform } from '../../../lib/media/srtp/gcm-transform';
import { HmacSha1 } from '../../../lib/media/srtp/hmac-sha1';
import { deriveSessionKeys } from '../../../lib/media/srtp/key-derivation';
import type { SessionKeys } from '../../../lib/media/srtp/key-derivation';
import { srtpSuite } from '../../../lib/media/srtp/suites';
import type { SrtpSuite } from '../../../lib/media/srtp/suites';
import { bytes, packetBuffer } from './support';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const suite = (name: string): SrtpSuite => srtpSuite(name) ?? assert.fail(name);

/** Key stream blocks of an expanded key from a counter block on. */
function keyStream(key: Buffer, iv: Buffer, length: number): string {
  const stream = Buffer.alloc(length);
  const word = (i: number): number => iv.readInt32BE(4 * i);
  aesCounterXor(expandAesKey(key), word(0), word(1), word(2), word(3), stream, 0, length);
  return stream.toString('hex');
}

describe('SRTP test vectors', () => {
  it('AES counter mode key stream (RFC 3711, B.2)', () => {
    const key = hex('2B7E151628AED2A6ABF7158809CF4F3C');
    assert.equal(
      keyStream(key, hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000'), 48),
      'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
    );
    assert.equal(
      keyStream(key, hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF'), 48),
      'ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44',
    );
  });

  it('key derivation (RFC 3711, B.3)', () => {
    const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
    const { rtp } = deriveSessionKeys(suite('AES_CM_128_HMAC_SHA1_80'), master);
    assert.deepEqual(Buffer.from(rtp.cipherKey), hex('C61E7A93744F39EE10734AFE3FF7A087'));
    assert.deepEqual(Buffer.from(rtp.salt), hex('30CBBC08863D8C85D49DB34A9AE1'));
    assert.deepEqual(Buffer.from(rtp.authenticationKey), hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'));
  });

  it('AES-256 counter mode key stream (RFC 6188, 7.1)', () => {
    const key = hex('57f82fe3613fd170a85ec93c40b1f092 2ec4cb0dc025b58272147cc438944a98');
    assert.equal(
      keyStream(key, hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd0000'), 48),
      '92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac63c4868b7096d88421b563b8c94c9a31',
    );
  });

  it('AES-256 key derivation (RFC 6188, 7.2)', () => {
    const master = hex(
      'f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2',
    );
    const { rtp } = deriveSessionKeys(suite('AES_256_CM_HMAC_SHA1_80'), master);
    assert.deepEqual(
      Buffer.from(rtp.cipherKey),
      hex('5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4'),
    );
    assert.deepEqual(Buffer.from(rtp.salt), hex('fa31791685ca444a9e07c6c64e93'));
    assert.deepEqual(Buffer.from(rtp.authenticationKey), hex('fd9c32d39ed5fbb5a9dc96b30818454d1313dc05'));
  });

  // The packets and keys of RFC 7714, 16 and 17: session keys, no derivation.
  const rtpClear = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973
    20646976 69736120 696e2070 61727465 73207472 6573`);
  const rtcpClear = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930
    4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef`);
  const key128 = hex('000102030405060708090a0b0c0d0e0f');
  const key256 = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
  const gcm = (cipherKey: Buffer): GcmTransform => {
    const keys: SessionKeys = {
      cipherKey,
      authenticationKey: Buffer.alloc(0),
      salt: hex('517569642070726f2071756f'),
    };
    return new GcmTransform(
      suite(cipherKey.length === 16 ? 'AEAD_AES_128_GCM' : 'AEAD_AES_256_GCM'),
      keys,
      keys,
    );
  };

  for (const [name, key, rtp, rtcp] of [
    [
      'AEAD_AES_128_GCM',
      key128,
      `8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f
       42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`,
      `81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
       730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
    ],
    [
      'AEAD_AES_256_GCM',
      key256,
      `8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3
       b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
      `81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1
       110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
    ],
  ] as const) {
    it(`${name} (RFC 7714, 16 and 17)`, () => {
      const transform = gcm(key);
      const ssrc = 0x5501a0b2;
      const packet = packetBuffer(rtpClear);
      const length = transform.protectRtp(packet, rtpClear.length, 12, ssrc, 0, 0xf17b);
      assert.equal(packet.toString('hex', 0, length), hex(rtp).toString('hex'));
      assert.ok(transform.verifyRtp(packet, length, 12, ssrc, 0, 0xf17b));
      assert.equal(transform.decryptRtp(packet, length, 12, ssrc, 0, 0xf17b), rtpClear.length);
      assert.deepEqual(packet.subarray(0, rtpClear.length), rtpClear);

      const control = packetBuffer(rtcpClear);
      const controlLength = transform.protectRtcp(control, rtcpClear.length, 0x4d617273, 0x5d4);
      assert.equal(control.toString('hex', 0, controlLength), hex(rtcp).toString('hex'));
      const indexWord = transform.rtcpIndexWord(control, controlLength);
      assert.ok(transform.verifyRtcp(control, controlLength, 0x4d617273, indexWord));
      assert.equal(transform.decryptRtcp(control, controlLength, 0x4d617273, indexWord), rtcpClear.length);
      assert.deepEqual(control.subarray(0, rtcpClear.length), rtcpClear);
    });
  }

  it('SRTCP that is authenticated but not encrypted (RFC 7714, 17.3)', () => {
    const transform = gcm(key128);
    const packet = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930
      4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef
      841dd968 3dd78ec9 2ae58790 125f62b3 000005d4`);
    assert.ok(transform.verifyRtcp(packet, packet.length, 0x4d617273, 0x5d4));
    const length = transform.decryptRtcp(packet, packet.length, 0x4d617273, 0x5d4);
    assert.deepEqual(packet.subarray(0, length), rtcpClear);
  });

  it('HMAC-SHA1 and AES counter mode agree with OpenSSL at every length', () => {
    const mac = new Int32Array(5);
    for (let length = 0; length <= 200; length++) {
      const message = bytes(length, `message ${length}`);
      const key = bytes(20, `key ${length}`);
      const hmac = new HmacSha1(key);
      const expected = (trailer: Buffer): number[] => {
        const digest = createHmac('sha1', key).update(message).update(trailer).digest();
        return [0, 1, 2, 3, 4].map((i) => digest.readInt32BE(4 * i));
      };
      hmac.compute(message, 0, length, undefined, mac);
      assert.deepEqual([...mac], expected(Buffer.alloc(0)), `${length} bytes`);
      hmac.compute(message, 0, length, 0x89abcdef | 0, mac);
      assert.deepEqual([...mac], expected(hex('89abcdef')), `${length} bytes and a counter`);

      const cipherKey = bytes(length % 2 === 0 ? 16 : 32, `cipher ${length}`);
      const iv = hex('00112233445566778899aabb00000000');
      const cipher = createCipheriv(`aes-${8 * cipherKey.length}-ctr`, cipherKey, iv);
      assert.equal(keyStream(cipherKey, iv, length), cipher.update(Buffer.alloc(length)).toString('hex'));
    }
  });
});
