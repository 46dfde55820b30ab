import { aesCounterXor, expandAesKey } from './aes';
import type { AesKey } from './aes';
import { Ghash } from './ghash';
import type { SessionKeys } from './key-derivation';
import { SRTCP_INDEX_LENGTH } from './suites';
import type { SrtpSuite } from './suites';
import { RTCP_CLEAR_LENGTH, SRTCP_ENCRYPTED } from './transform';
import type { SrtpTransform } from './transform';
import { equalTag, readWord, writeTag, writeWord } from './words';

const TAG_LENGTH = 16;
/** The first counter block encrypts the tag, the payload starts at the second (NIST SP 800-38D, 7.1). */
const TAG_COUNTER = 1;
const PAYLOAD_COUNTER = 2;

// Scratch of the thread: the last tag computed, and one cipher block. Buffers, like the packets.
const tag = new Int32Array(4);
const block = Buffer.alloc(16);
const tail = Buffer.alloc(16 + SRTCP_INDEX_LENGTH);

/** AES in Galois/counter mode (RFC 7714). */
export class GcmTransform implements SrtpTransform {
  readonly rtpOverhead: number;
  readonly rtcpOverhead: number;
  readonly #rtp: GcmKeys;
  readonly #rtcp: GcmKeys;

  constructor(
    readonly suite: SrtpSuite,
    rtp: SessionKeys,
    rtcp: SessionKeys,
  ) {
    this.rtpOverhead = suite.rtpTagLength;
    this.rtcpOverhead = suite.rtcpTagLength + SRTCP_INDEX_LENGTH;
    this.#rtp = new GcmKeys(rtp);
    this.#rtcp = new GcmKeys(rtcp);
  }

  protectRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    const keys = this.#rtp;
    keys.setRtpIv(ssrc, roc, sequence);
    keys.xor(packet, headerLength, length - headerLength);
    keys.computeTag(packet, headerLength, undefined, headerLength, length - headerLength);
    writeTag(packet, length, tag, TAG_LENGTH);
    return length + TAG_LENGTH;
  }

  verifyRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): boolean {
    const end = length - TAG_LENGTH;
    this.#rtp.setRtpIv(ssrc, roc, sequence);
    this.#rtp.computeTag(packet, headerLength, undefined, headerLength, end - headerLength);
    return equalTag(packet, end, tag, TAG_LENGTH);
  }

  decryptRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    const end = length - TAG_LENGTH;
    this.#rtp.setRtpIv(ssrc, roc, sequence);
    this.#rtp.xor(packet, headerLength, end - headerLength);
    return end;
  }

  protectRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    const keys = this.#rtcp;
    const indexWord = index | SRTCP_ENCRYPTED;
    keys.setRtcpIv(ssrc, index);
    keys.xor(packet, RTCP_CLEAR_LENGTH, length - RTCP_CLEAR_LENGTH);
    keys.computeTag(packet, RTCP_CLEAR_LENGTH, indexWord, RTCP_CLEAR_LENGTH, length - RTCP_CLEAR_LENGTH);
    writeTag(packet, length, tag, TAG_LENGTH);
    writeWord(packet, length + TAG_LENGTH, indexWord);
    return length + TAG_LENGTH + SRTCP_INDEX_LENGTH;
  }

  rtcpIndexWord(packet: Uint8Array, length: number): number {
    return readWord(packet, length - SRTCP_INDEX_LENGTH);
  }

  verifyRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): boolean {
    const end = length - TAG_LENGTH - SRTCP_INDEX_LENGTH;
    // Unencrypted parts are authenticated as associated data (RFC 7714, 9.3).
    const clear = indexWord < 0 ? RTCP_CLEAR_LENGTH : end;
    this.#rtcp.setRtcpIv(ssrc, indexWord & ~SRTCP_ENCRYPTED);
    this.#rtcp.computeTag(packet, clear, indexWord, clear, end - clear);
    return equalTag(packet, end, tag, TAG_LENGTH);
  }

  decryptRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): number {
    const end = length - TAG_LENGTH - SRTCP_INDEX_LENGTH;
    if (indexWord < 0) {
      this.#rtcp.setRtcpIv(ssrc, indexWord & ~SRTCP_ENCRYPTED);
      this.#rtcp.xor(packet, RTCP_CLEAR_LENGTH, end - RTCP_CLEAR_LENGTH);
    }
    return end;
  }
}

/** Cipher, salt and authentication of RTP or RTCP, with the IV of the packet at hand. */
class GcmKeys {
  readonly #cipher: AesKey;
  readonly #ghash: Ghash;
  readonly #salt: Int32Array;
  #iv0 = 0;
  #iv1 = 0;
  #iv2 = 0;

  constructor(keys: SessionKeys) {
    this.#cipher = expandAesKey(keys.cipherKey);
    this.#salt = Int32Array.of(readWord(keys.salt, 0), readWord(keys.salt, 4), readWord(keys.salt, 8));
    const subkey = new Int32Array(4);
    block.fill(0);
    aesCounterXor(this.#cipher, 0, 0, 0, 0, block, 0, 16);
    for (let i = 0; i < 4; i++) subkey[i] = readWord(block, 4 * i);
    this.#ghash = new Ghash(subkey);
  }

  /** 00 00 ‖ SSRC ‖ ROC ‖ SEQ, XORed with the salt (RFC 7714, 8.1). */
  setRtpIv(ssrc: number, roc: number, sequence: number): void {
    this.#iv0 = (ssrc >>> 16) ^ this.#salt[0];
    this.#iv1 = ((ssrc << 16) | (roc >>> 16)) ^ this.#salt[1];
    this.#iv2 = ((roc << 16) | sequence) ^ this.#salt[2];
  }

  /** 00 00 ‖ SSRC ‖ 00 00 ‖ 0 ‖ 31-bit index, XORed with the salt (RFC 7714, 9.1). */
  setRtcpIv(ssrc: number, index: number): void {
    this.#iv0 = (ssrc >>> 16) ^ this.#salt[0];
    this.#iv1 = (ssrc << 16) ^ this.#salt[1];
    this.#iv2 = index ^ this.#salt[2];
  }

  xor(packet: Uint8Array, offset: number, length: number): void {
    aesCounterXor(this.#cipher, this.#iv0, this.#iv1, this.#iv2, PAYLOAD_COUNTER, packet, offset, length);
  }

  /**
   * Computes the tag into `tag` over the first `clear` bytes of the packet, a word of associated data behind
   * them (SRTCP) if there is one, and `length` bytes of ciphertext from `offset`.
   */
  computeTag(
    packet: Uint8Array,
    clear: number,
    indexWord: number | undefined,
    offset: number,
    length: number,
  ): void {
    const ghash = this.#ghash;
    ghash.reset();
    if (indexWord === undefined) {
      ghash.update(packet, 0, clear);
      ghash.update(packet, offset, length);
      ghash.finish(clear, length, tag);
    } else {
      this.#hashClearRtcp(packet, clear, indexWord);
      ghash.update(packet, offset, length);
      ghash.finish(clear + SRTCP_INDEX_LENGTH, length, tag);
    }
    block.fill(0);
    aesCounterXor(this.#cipher, this.#iv0, this.#iv1, this.#iv2, TAG_COUNTER, block, 0, 16);
    for (let i = 0; i < 4; i++) tag[i] ^= readWord(block, 4 * i);
  }

  /** The associated data of SRTCP: the unencrypted bytes, then the E flag and index (RFC 7714, 9.2 and 9.3). */
  #hashClearRtcp(packet: Uint8Array, clear: number, indexWord: number): void {
    const whole = clear & ~15;
    const rest = clear - whole;
    this.#ghash.update(packet, 0, whole);
    for (let i = 0; i < rest; i++) tail[i] = packet[whole + i];
    writeWord(tail, rest, indexWord);
    this.#ghash.update(tail, 0, rest + SRTCP_INDEX_LENGTH);
  }
}
