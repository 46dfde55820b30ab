import { wordAt } from './aes';

const BLOCK = 64;
const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;

/** SHA-1's schedule and the padded end of a message; one of each is enough, since nothing here waits. */
const schedule = new Int32Array(80);
const lastBlocks = new Uint8Array(2 * BLOCK);

/**
 * HMAC-SHA1 (RFC 2104) with a fixed key. The two blocks of the key are hashed once, so that an RTP packet
 * of 172 bytes costs four compressions; nothing is allocated per message.
 */
export class HmacSha1 {
  /** The code of the last `compute`, as five words. */
  readonly words = new Int32Array(5);
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;

  /** @param key at most 64 bytes. */
  constructor(key: Uint8Array) {
    this.#inner = stateAfter(key, 0x36);
    this.#outer = stateAfter(key, 0x5c);
  }

  /**
   * Computes the code of `bytes[0..length)` followed by four bytes, which SRTP appends without sending
   * them (the rollover counter), or by nothing.
   */
  compute(bytes: Uint8Array, length: number, appended?: number): void {
    const state = this.words;
    state.set(this.#inner);
    let offset = 0;
    for (; offset + BLOCK <= length; offset += BLOCK) compress(state, bytes, offset);
    let rest = length - offset;
    for (let index = 0; index < rest; index++) lastBlocks[index] = bytes[offset + index];
    if (appended !== undefined) {
      putWord(lastBlocks, rest, appended);
      rest += 4;
    }
    const total = BLOCK + length + (appended === undefined ? 0 : 4);
    finish(state, rest, total);
    for (let index = 0; index < 5; index++) putWord(lastBlocks, 4 * index, state[index]);
    state.set(this.#outer);
    finish(state, 20, BLOCK + 20);
  }

  /** Writes the first `length` bytes of the code. */
  write(target: Uint8Array, offset: number, length: number): void {
    for (let index = 0; index < length; index++) target[offset + index] = this.#byte(index);
  }

  /** Whether the first `length` bytes of the code are at `offset`, without telling by the time how many differ. */
  matches(bytes: Uint8Array, offset: number, length: number): boolean {
    let difference = 0;
    for (let index = 0; index < length; index++) difference |= bytes[offset + index] ^ this.#byte(index);
    return difference === 0;
  }

  #byte(index: number): number {
    return (this.words[index >> 2] >>> (24 - 8 * (index & 3))) & 0xff;
  }
}

function stateAfter(key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(BLOCK).fill(pad);
  key.forEach((byte, index) => (block[index] ^= byte));
  const state = Int32Array.from(START, (word) => word | 0);
  compress(state, block, 0);
  return state;
}

/** Pads the `rest` bytes in `lastBlocks` and hashes them; `total` is the length of the whole message. */
function finish(state: Int32Array, rest: number, total: number): void {
  const end = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
  lastBlocks[rest] = 0x80;
  lastBlocks.fill(0, rest + 1, end - 4);
  putWord(lastBlocks, end - 4, total * 8);
  compress(state, lastBlocks, 0);
  if (end > BLOCK) compress(state, lastBlocks, BLOCK);
}

/** The compression function of SHA-1 (FIPS 180-4, 6.1.2). */
function compress(state: Int32Array, bytes: Uint8Array, offset: number): void {
  const w = schedule;
  for (let t = 0; t < 16; t++) w[t] = wordAt(bytes, offset + 4 * t);
  for (let t = 16; t < 80; t++) {
    const x = w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16];
    w[t] = (x << 1) | (x >>> 31);
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  for (let t = 0; t < 20; t++) {
    const next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + w[t] + 0x5a827999) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 20; t < 40; t++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[t] + 0x6ed9eba1) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 40; t < 60; t++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + w[t] - 0x70e44324) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 60; t < 80; t++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[t] - 0x359d3e2a) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
  state[4] = (state[4] + e) | 0;
}

function putWord(bytes: Uint8Array, offset: number, word: number): void {
  bytes[offset] = word >>> 24;
  bytes[offset + 1] = word >>> 16;
  bytes[offset + 2] = word >>> 8;
  bytes[offset + 3] = word;
}
