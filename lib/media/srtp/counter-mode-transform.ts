import { aesCounterXor, expandAesKey } from './aes';
import type { AesKey } from './aes';
import { HmacSha1 } from './hmac-sha1';
import type { SessionKeys } from './key-derivation';
import { SRTCP_INDEX_LENGTH } from './suites';
import type { SrtpSuite } from './suites';
import { RTCP_CLEAR_LENGTH, SRTCP_ENCRYPTED } from './transform';
import type { SrtpTransform } from './transform';
import { equalTag, readWord, writeTag, writeWord } from './words';

// Scratch of the thread: the last tag computed.
const mac = new Int32Array(5);

/** AES counter mode with HMAC-SHA1 (RFC 3711, 4.1.1 and 4.2.1; RFC 6188 for longer keys). */
export class CounterModeTransform implements SrtpTransform {
  readonly rtpOverhead: number;
  readonly rtcpOverhead: number;
  readonly #rtp: CounterModeKeys;
  readonly #rtcp: CounterModeKeys;

  constructor(
    readonly suite: SrtpSuite,
    rtp: SessionKeys,
    rtcp: SessionKeys,
  ) {
    this.rtpOverhead = suite.rtpTagLength;
    this.rtcpOverhead = suite.rtcpTagLength + SRTCP_INDEX_LENGTH;
    this.#rtp = new CounterModeKeys(rtp);
    this.#rtcp = new CounterModeKeys(rtcp);
  }

  protectRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    const tagLength = this.suite.rtpTagLength;
    this.#rtp.xor(packet, headerLength, length - headerLength, ssrc, roc, sequence << 16);
    this.#rtp.hmac.compute(packet, 0, length, roc, mac);
    writeTag(packet, length, mac, tagLength);
    return length + tagLength;
  }

  verifyRtp(
    packet: Uint8Array,
    length: number,
    _headerLength: number,
    _ssrc: number,
    roc: number,
    _sequence: number,
  ): boolean {
    const tagLength = this.suite.rtpTagLength;
    this.#rtp.hmac.compute(packet, 0, length - tagLength, roc, mac);
    return equalTag(packet, length - tagLength, mac, tagLength);
  }

  decryptRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    const end = length - this.suite.rtpTagLength;
    this.#rtp.xor(packet, headerLength, end - headerLength, ssrc, roc, sequence << 16);
    return end;
  }

  protectRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    const tagLength = this.suite.rtcpTagLength;
    this.#rtcp.xor(packet, RTCP_CLEAR_LENGTH, length - RTCP_CLEAR_LENGTH, ssrc, index >>> 16, index << 16);
    writeWord(packet, length, index | SRTCP_ENCRYPTED);
    const end = length + SRTCP_INDEX_LENGTH;
    this.#rtcp.hmac.compute(packet, 0, end, undefined, mac);
    writeTag(packet, end, mac, tagLength);
    return end + tagLength;
  }

  rtcpIndexWord(packet: Uint8Array, length: number): number {
    return readWord(packet, length - this.suite.rtcpTagLength - SRTCP_INDEX_LENGTH);
  }

  verifyRtcp(packet: Uint8Array, length: number, _ssrc: number, _indexWord: number): boolean {
    const tagLength = this.suite.rtcpTagLength;
    this.#rtcp.hmac.compute(packet, 0, length - tagLength, undefined, mac);
    return equalTag(packet, length - tagLength, mac, tagLength);
  }

  decryptRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): number {
    const end = length - this.suite.rtcpTagLength - SRTCP_INDEX_LENGTH;
    if (indexWord < 0) {
      const index = indexWord & ~SRTCP_ENCRYPTED;
      this.#rtcp.xor(packet, RTCP_CLEAR_LENGTH, end - RTCP_CLEAR_LENGTH, ssrc, index >>> 16, index << 16);
    }
    return end;
  }
}

/** Cipher, salt and authentication of RTP or RTCP. */
class CounterModeKeys {
  readonly hmac: HmacSha1;
  readonly #cipher: AesKey;
  readonly #salt0: number;
  readonly #salt1: number;
  readonly #salt2: number;
  readonly #salt3: number;

  constructor(keys: SessionKeys) {
    this.hmac = new HmacSha1(keys.authenticationKey);
    this.#cipher = expandAesKey(keys.cipherKey);
    this.#salt0 = readWord(keys.salt, 0);
    this.#salt1 = readWord(keys.salt, 4);
    this.#salt2 = readWord(keys.salt, 8);
    // The salt is 112 bits; the last 16 bits of the block count blocks.
    this.#salt3 = readWord(keys.salt, 12);
  }

  /**
   * XORs the key stream of IV = salt·2^16 ⊕ SSRC·2^64 ⊕ index·2^16 (RFC 3711, 4.1.1).
   *
   * @param high the third word of index·2^16.
   * @param low its fourth word.
   */
  xor(packet: Uint8Array, offset: number, length: number, ssrc: number, high: number, low: number): void {
    aesCounterXor(
      this.#cipher,
      this.#salt0,
      this.#salt1 ^ ssrc,
      this.#salt2 ^ high,
      this.#salt3 ^ low,
      packet,
      offset,
      length,
    );
  }
}
