/**
 * AES (FIPS 197), encryption only, by tables of 32-bit words. `node:crypto` makes garbage with every
 * packet, which shows as jitter; this allocates nothing after the key is expanded.
 *
 * Look-ups in tables take time that depends on the key, which a program on the same machine could measure.
 * Such a program can read the memory of a Node-RED flow more easily.
 */
const SBOX = new Uint8Array(256);
/** Column 0 of S-box and MixColumns together; the others are rotations, kept apart for speed. */
const T0 = new Uint32Array(256);
const T1 = new Uint32Array(256);
const T2 = new Uint32Array(256);
const T3 = new Uint32Array(256);
fillTables();

export const BLOCK_BYTES = 16;

/** An expanded key. The state is four words, which the caller sets before `encrypt` and reads after it. */
export class Aes {
  /** State: the block, as four big-endian words. */
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;
  readonly #keys: Uint32Array;
  readonly #rounds: number;

  /** @param key 16, 24 or 32 bytes. */
  constructor(key: Uint8Array) {
    const words = key.length / 4;
    this.#rounds = words + 6;
    this.#keys = new Uint32Array(4 * (this.#rounds + 1));
    for (let index = 0; index < words; index++) this.#keys[index] = wordAt(key, 4 * index);
    let constant = 1;
    for (let index = words; index < this.#keys.length; index++) {
      let word = this.#keys[index - 1];
      if (index % words === 0) {
        word = substitute((word << 8) | (word >>> 24)) ^ (constant << 24);
        constant = double(constant);
      } else if (words > 6 && index % words === 4) {
        word = substitute(word);
      }
      this.#keys[index] = this.#keys[index - words] ^ word;
    }
  }

  /** Encrypts the state in place. */
  encrypt(): void {
    const keys = this.#keys;
    let a = this.s0 ^ keys[0];
    let b = this.s1 ^ keys[1];
    let c = this.s2 ^ keys[2];
    let d = this.s3 ^ keys[3];
    let k = 4;
    for (let round = 1; round < this.#rounds; round++, k += 4) {
      const e = T0[a >>> 24] ^ T1[(b >>> 16) & 255] ^ T2[(c >>> 8) & 255] ^ T3[d & 255] ^ keys[k];
      const f = T0[b >>> 24] ^ T1[(c >>> 16) & 255] ^ T2[(d >>> 8) & 255] ^ T3[a & 255] ^ keys[k + 1];
      const g = T0[c >>> 24] ^ T1[(d >>> 16) & 255] ^ T2[(a >>> 8) & 255] ^ T3[b & 255] ^ keys[k + 2];
      const h = T0[d >>> 24] ^ T1[(a >>> 16) & 255] ^ T2[(b >>> 8) & 255] ^ T3[c & 255] ^ keys[k + 3];
      a = e;
      b = f;
      c = g;
      d = h;
    }
    this.s0 = lastRound(a, b, c, d) ^ keys[k];
    this.s1 = lastRound(b, c, d, a) ^ keys[k + 1];
    this.s2 = lastRound(c, d, a, b) ^ keys[k + 2];
    this.s3 = lastRound(d, a, b, c) ^ keys[k + 3];
  }
}

export function wordAt(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3];
}

function lastRound(a: number, b: number, c: number, d: number): number {
  return (
    (SBOX[a >>> 24] << 24) | (SBOX[(b >>> 16) & 255] << 16) | (SBOX[(c >>> 8) & 255] << 8) | SBOX[d & 255]
  );
}

function substitute(word: number): number {
  return lastRound(word, word, word, word);
}

/** Multiplication by x in the field of AES. */
function double(value: number): number {
  return ((value << 1) ^ (value & 0x80 ? 0x11b : 0)) & 0xff;
}

function fillTables(): void {
  // 3 generates the field: p runs through all values but zero, q through their inverses.
  let p = 1;
  let q = 1;
  do {
    p ^= double(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    const rotated = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4);
    SBOX[p] = rotated ^ 0x63;
  } while (p !== 1);
  SBOX[0] = 0x63;
  for (let value = 0; value < 256; value++) {
    const s = SBOX[value];
    const s2 = double(s);
    const word = (s2 << 24) | (s << 16) | (s << 8) | (s2 ^ s);
    T0[value] = word;
    T1[value] = (word >>> 8) | (word << 24);
    T2[value] = (word >>> 16) | (word << 16);
    T3[value] = (word >>> 24) | (word << 8);
  }
}

function rotate(value: number, bits: number): number {
  return ((value << bits) | (value >>> (8 - bits))) & 0xff;
}
