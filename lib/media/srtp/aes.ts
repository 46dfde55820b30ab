import { readWord } from './words';

/**
 * AES-128, AES-192 and AES-256 encryption (FIPS 197) in counter mode, without allocation. Both SRTP modes only ever
 * encrypt counter blocks, so there is no decryption here. node:crypto is not used because a call per packet
 * leaves garbage whose collection is audible as jitter.
 */

const SBOX = new Uint8Array(256);
/** Round table: S-box and column mixing of the first byte of a column. The other three bytes are its rotations. */
const T = new Int32Array(256);

buildTables();

/** An expanded key. */
export interface AesKey {
  readonly rounds: number;
  /** Four words for each round and the whitening before it. */
  readonly schedule: Int32Array;
}

/**
 * Expands a key.
 *
 * @param key 16, 24 or 32 bytes.
 */
export function expandAesKey(key: Uint8Array): AesKey {
  const words = key.length / 4;
  const rounds = words + 6;
  const schedule = new Int32Array(4 * (rounds + 1));
  for (let i = 0; i < words; i++) {
    schedule[i] = readWord(key, 4 * i);
  }
  let roundConstant = 1;
  for (let i = words; i < schedule.length; i++) {
    let word = schedule[i - 1];
    if (i % words === 0) {
      word = substitute((word << 8) | (word >>> 24)) ^ (roundConstant << 24);
      roundConstant = double(roundConstant);
    } else if (words > 6 && i % words === 4) {
      word = substitute(word);
    }
    schedule[i] = schedule[i - words] ^ word;
  }
  return { rounds, schedule };
}

/**
 * XORs `length` bytes at `offset` with the key stream of counter blocks c0‖c1‖c2‖c3, c3 counting up by one
 * per block modulo 2^32. Encrypts and decrypts in place.
 *
 * @param key the expanded key.
 * @param c0 first (most significant) word of the first counter block; c1 to c3 follow.
 */
export function aesCounterXor(
  key: AesKey,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const k = key.schedule;
  const last = 4 * key.rounds;
  const end = offset + length;
  const w0 = c0 ^ k[0];
  const w1 = c1 ^ k[1];
  const w2 = c2 ^ k[2];
  const k3 = k[3];
  for (let at = offset; at < end; at += 16) {
    let s0 = w0;
    let s1 = w1;
    let s2 = w2;
    let s3 = c3 ^ k3;
    c3 = (c3 + 1) | 0;
    for (let i = 4; i < last; i += 4) {
      const t0 = column(s0, s1, s2, s3) ^ k[i];
      const t1 = column(s1, s2, s3, s0) ^ k[i + 1];
      const t2 = column(s2, s3, s0, s1) ^ k[i + 2];
      s3 = column(s3, s0, s1, s2) ^ k[i + 3];
      s0 = t0;
      s1 = t1;
      s2 = t2;
    }
    const x0 = finalColumn(s0, s1, s2, s3) ^ k[last];
    const x1 = finalColumn(s1, s2, s3, s0) ^ k[last + 1];
    const x2 = finalColumn(s2, s3, s0, s1) ^ k[last + 2];
    const x3 = finalColumn(s3, s0, s1, s2) ^ k[last + 3];
    if (end - at >= 16) {
      xorWord(bytes, at, x0);
      xorWord(bytes, at + 4, x1);
      xorWord(bytes, at + 8, x2);
      xorWord(bytes, at + 12, x3);
    } else {
      xorTail(bytes, at, end, x0, x1, x2, x3);
    }
  }
}

/** One column after a round: substitution, row shift and column mixing at once (Horner's rule over the rotations). */
function column(a: number, b: number, c: number, d: number): number {
  return T[a >>> 24] ^ rotate8(T[(b >>> 16) & 255] ^ rotate8(T[(c >>> 8) & 255] ^ rotate8(T[d & 255])));
}

function rotate8(word: number): number {
  return (word >>> 8) | (word << 24);
}

/** One column after the last round, which mixes nothing. */
function finalColumn(a: number, b: number, c: number, d: number): number {
  return (
    (SBOX[a >>> 24] << 24) | (SBOX[(b >>> 16) & 255] << 16) | (SBOX[(c >>> 8) & 255] << 8) | SBOX[d & 255]
  );
}

function xorWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] ^= word >>> 24;
  bytes[at + 1] ^= word >>> 16;
  bytes[at + 2] ^= word >>> 8;
  bytes[at + 3] ^= word;
}

function xorTail(
  bytes: Uint8Array,
  at: number,
  end: number,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
): void {
  for (let i = at; i < end; i++) {
    const column = (i - at) >> 2;
    const word = column === 0 ? x0 : column === 1 ? x1 : column === 2 ? x2 : x3;
    bytes[i] ^= word >>> (24 - 8 * ((i - at) & 3));
  }
}

function substitute(word: number): number {
  return finalColumn(word, word, word, word);
}

/** Multiplication by x in GF(2^8) of FIPS 197, 4.2.1. */
function double(value: number): number {
  return ((value << 1) ^ ((value >> 7) * 0x11b)) & 0xff;
}

function buildTables(): void {
  // Walking the powers of the generator 3 and of its inverse side by side gives every multiplicative inverse.
  let power = 1;
  let inverse = 1;
  do {
    power = power ^ double(power);
    inverse ^= inverse << 1;
    inverse ^= inverse << 2;
    inverse ^= inverse << 4;
    inverse &= 0xff;
    if (inverse & 0x80) inverse ^= 0x09;
    SBOX[power] = affine(inverse);
  } while (power !== 1);
  SBOX[0] = 0x63;
  for (let i = 0; i < 256; i++) {
    const s = SBOX[i];
    T[i] = (double(s) << 24) | (s << 16) | (s << 8) | (double(s) ^ s);
  }
}

/** The affine step of the S-box (FIPS 197, 5.1.1). */
function affine(value: number): number {
  const rotations = value ^ (value << 1) ^ (value << 2) ^ (value << 3) ^ (value << 4);
  return ((rotations ^ (rotations >> 8)) & 0xff) ^ 0x63;
}
