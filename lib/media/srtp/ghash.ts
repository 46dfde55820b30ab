import { readWord } from './words';

/**
 * GHASH, the authentication of GCM (NIST SP 800-38D, 6.4), with tables of half bytes: 512 bytes for each key
 * stay in the first-level cache when many calls take turns, where the usual 4 KiB would not.
 */

/** Reduction table: the byte shifted out at the end, reduced by the field's polynomial, to be XORed in at the front. */
const REDUCE = new Int32Array(256);

for (let byte = 0; byte < 256; byte++) {
  let word = 0;
  for (let bit = 0; bit < 8; bit++) {
    // Bit 0 of the byte is x^127; each of the following shifts moves what is already there along.
    if ((byte >> bit) & 1) word ^= 0xe1000000 >>> (7 - bit);
  }
  REDUCE[byte] = word;
}

/** One word of the low half bytes' table starts here; the high half bytes come first. */
const LOW = 64;

/** A running GHASH under one key. `reset`, any number of `update`s, then `finish`. */
export class Ghash {
  readonly #table = new Int32Array(128);
  #y0 = 0;
  #y1 = 0;
  #y2 = 0;
  #y3 = 0;

  /** @param h the four words of the hash subkey, the cipher's output for a block of zeros. */
  constructor(h: Int32Array) {
    const table = this.#table;
    let [z0, z1, z2, z3] = h;
    // Entry 8 of a half byte is its leading bit, x^0; one bit further right is one multiplication by x more.
    for (const base of [0, LOW]) {
      for (let bit = 8; bit > 0; bit >>= 1) {
        table.set([z0, z1, z2, z3], base + 4 * bit);
        const carry = z3 & 1 ? 0xe1000000 : 0;
        z3 = (z3 >>> 1) | (z2 << 31);
        z2 = (z2 >>> 1) | (z1 << 31);
        z1 = (z1 >>> 1) | (z0 << 31);
        z0 = (z0 >>> 1) ^ carry;
      }
      for (let n = 1; n < 16; n++) {
        const top = n & -n;
        for (let word = 0; word < 4; word++) {
          if (n !== top)
            table[base + 4 * n + word] = table[base + 4 * top + word] ^ table[base + 4 * (n ^ top) + word];
        }
      }
    }
  }

  reset(): void {
    this.#y0 = 0;
    this.#y1 = 0;
    this.#y2 = 0;
    this.#y3 = 0;
  }

  /** Takes in `length` bytes from `offset`, padded with zeros to whole blocks. */
  update(bytes: Uint8Array, offset: number, length: number): void {
    const end = offset + length;
    let at = offset;
    for (; end - at >= 16; at += 16) {
      this.#absorb(
        readWord(bytes, at),
        readWord(bytes, at + 4),
        readWord(bytes, at + 8),
        readWord(bytes, at + 12),
      );
    }
    if (at < end) {
      this.#absorb(
        partialWord(bytes, at, end),
        partialWord(bytes, at + 4, end),
        partialWord(bytes, at + 8, end),
        partialWord(bytes, at + 12, end),
      );
    }
  }

  /**
   * Takes in the lengths and puts the hash into `out` (four words).
   *
   * @param clear bytes that were authenticated only.
   * @param secret bytes of ciphertext.
   */
  finish(clear: number, secret: number, out: Int32Array): void {
    this.#absorb(0, clear << 3, 0, secret << 3);
    out[0] = this.#y0;
    out[1] = this.#y1;
    out[2] = this.#y2;
    out[3] = this.#y3;
  }

  /** Y = (Y ⊕ X)·H, from the last byte to the first (Horner's rule). */
  #absorb(x0: number, x1: number, x2: number, x3: number): void {
    const table = this.#table;
    const y0 = this.#y0 ^ x0;
    const y1 = this.#y1 ^ x1;
    const y2 = this.#y2 ^ x2;
    const y3 = this.#y3 ^ x3;
    let z0 = 0;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    for (let i = 0; i < 16; i++) {
      const column = i < 4 ? y3 : i < 8 ? y2 : i < 12 ? y1 : y0;
      const byte = (column >>> ((i & 3) << 3)) & 255;
      const high = (byte >>> 4) << 2;
      const low = LOW | ((byte & 15) << 2);
      const carry = REDUCE[z3 & 255];
      z3 = ((z3 >>> 8) | (z2 << 24)) ^ table[high | 3] ^ table[low | 3];
      z2 = ((z2 >>> 8) | (z1 << 24)) ^ table[high | 2] ^ table[low | 2];
      z1 = ((z1 >>> 8) | (z0 << 24)) ^ table[high | 1] ^ table[low | 1];
      z0 = (z0 >>> 8) ^ carry ^ table[high] ^ table[low];
    }
    this.#y0 = z0;
    this.#y1 = z1;
    this.#y2 = z2;
    this.#y3 = z3;
  }
}

function partialWord(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value = (value << 8) | (at + i < end ? bytes[at + i] : 0);
  return value;
}
