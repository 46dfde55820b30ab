import { sha1Compress, sha1Reset } from './sha1';
import { writeWord } from './words';

// Bytes of a SHA-1 block and words of its state. Declared here, because loops that read them through an import
// take a third longer where modules are transpiled one by one.
const SHA1_BLOCK = 64;
const SHA1_WORDS = 5;

// Scratch of the thread: its contents are not used after a call.
const state = new Int32Array(SHA1_WORDS);
// A Buffer like the packets, so that the compression sees one kind of array and stays monomorphic.
const block = Buffer.allocUnsafeSlow(SHA1_BLOCK);

/**
 * HMAC-SHA1 (RFC 2104) under one key. The two key blocks are compressed once, so that a message costs its own
 * blocks and one more; computing allocates nothing.
 */
export class HmacSha1 {
  readonly #inner = new Int32Array(SHA1_WORDS);
  readonly #outer = new Int32Array(SHA1_WORDS);

  /** @param key at most 64 bytes; SRTP uses 20. */
  constructor(key: Uint8Array) {
    keyBlock(key, 0x36, this.#inner);
    keyBlock(key, 0x5c, this.#outer);
  }

  /**
   * Authenticates `length` bytes from `offset` followed by one more word, the way SRTP appends its rollover
   * counter without sending it (RFC 3711, 4.2).
   *
   * @param trailer the word behind the bytes, or undefined for none.
   * @param mac receives the five words of the result.
   */
  compute(
    bytes: Uint8Array,
    offset: number,
    length: number,
    trailer: number | undefined,
    mac: Int32Array,
  ): void {
    copyState(state, this.#inner);
    const end = offset + length;
    let at = offset;
    for (; end - at >= SHA1_BLOCK; at += SHA1_BLOCK) sha1Compress(state, bytes, at);
    let used = end - at;
    for (let i = 0; i < used; i++) block[i] = bytes[at + i];
    let total = SHA1_BLOCK + length;
    if (trailer !== undefined) {
      total += 4;
      for (let i = 24; i >= 0; i -= 8) {
        if (used === SHA1_BLOCK) {
          sha1Compress(state, block, 0);
          used = 0;
        }
        block[used++] = trailer >>> i;
      }
    }
    finish(used, total);
    // The outer message is the inner digest: 20 bytes behind the outer key block.
    for (let i = 0; i < SHA1_WORDS; i++) {
      writeWord(block, 4 * i, state[i]);
      state[i] = this.#outer[i];
    }
    finish(4 * SHA1_WORDS, SHA1_BLOCK + 4 * SHA1_WORDS);
    copyState(mac, state);
  }
}

/** Pads the `used` bytes of the scratch block for a message of `total` bytes and compresses what is left. */
function finish(used: number, total: number): void {
  if (used === SHA1_BLOCK) {
    sha1Compress(state, block, 0);
    used = 0;
  }
  block[used++] = 0x80;
  if (used > SHA1_BLOCK - 8) {
    clear(used, SHA1_BLOCK);
    sha1Compress(state, block, 0);
    used = 0;
  }
  clear(used, SHA1_BLOCK - 4);
  // Messages here are far below 2^29 bytes, so the upper word of the bit length stays zero.
  writeWord(block, SHA1_BLOCK - 4, total << 3);
  sha1Compress(state, block, 0);
}

function keyBlock(key: Uint8Array, pad: number, into: Int32Array): void {
  for (let i = 0; i < SHA1_BLOCK; i++) block[i] = (i < key.length ? key[i] : 0) ^ pad;
  sha1Reset(into);
  sha1Compress(into, block, 0);
  clear(0, SHA1_BLOCK);
}

/** Zeroes the scratch block from `from` up to `to`. */
function clear(from: number, to: number): void {
  for (let i = from; i < to; i++) block[i] = 0;
}

/** A loop: for five words it is faster than the call behind TypedArray.set. */
function copyState(to: Int32Array, from: Int32Array): void {
  for (let i = 0; i < SHA1_WORDS; i++) to[i] = from[i];
}
