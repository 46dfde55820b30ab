import { Aes, BLOCK_BYTES, wordAt } from './aes';

/** Salt of AES-CM: 112 bits. */
export const SALT_BYTES = 14;

/** AES in counter mode as SRTP uses it (RFC 3711, 4.1.1). Encrypting and decrypting are the same. */
export class CounterMode {
  readonly #aes: Aes;
  readonly #salt: readonly [number, number, number, number];

  /**
   * @param key 16 or 32 bytes.
   * @param salt 14 bytes.
   */
  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#aes = new Aes(key);
    const padded = new Uint8Array(BLOCK_BYTES);
    padded.set(salt);
    this.#salt = [wordAt(padded, 0), wordAt(padded, 4), wordAt(padded, 8), wordAt(padded, 12)];
  }

  /**
   * XORs `bytes[from..to)` with the key stream of one packet, in place.
   *
   * @param ssrc of the packet.
   * @param indexHigh upper 32 bits of the 48-bit packet index (the rollover counter, for RTP).
   * @param indexLow lower 16 bits (the sequence number, for RTP).
   */
  apply(
    bytes: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    indexHigh: number,
    indexLow: number,
  ): void {
    const aes = this.#aes;
    const [salt0, salt1, salt2, salt3] = this.#salt;
    const iv1 = salt1 ^ ssrc;
    const iv2 = salt2 ^ indexHigh;
    const iv3 = salt3 ^ (indexLow << 16);
    for (let offset = from, block = 0; offset < to; offset += BLOCK_BYTES, block++) {
      aes.s0 = salt0;
      aes.s1 = iv1;
      aes.s2 = iv2;
      aes.s3 = iv3 ^ block;
      aes.encrypt();
      if (offset + BLOCK_BYTES <= to) {
        xorWord(bytes, offset, aes.s0);
        xorWord(bytes, offset + 4, aes.s1);
        xorWord(bytes, offset + 8, aes.s2);
        xorWord(bytes, offset + 12, aes.s3);
      } else {
        xorRest(bytes, offset, to, aes);
      }
    }
  }
}

function xorWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] ^= word >>> 24;
  bytes[offset + 1] ^= word >>> 16;
  bytes[offset + 2] ^= word >>> 8;
  bytes[offset + 3] ^= word;
}

function xorRest(bytes: Uint8Array, from: number, to: number, aes: Aes): void {
  for (let offset = from; offset < to; offset++) {
    const place = offset - from;
    const word = place < 4 ? aes.s0 : place < 8 ? aes.s1 : place < 12 ? aes.s2 : aes.s3;
    bytes[offset] ^= word >>> (24 - 8 * (place & 3));
  }
}
