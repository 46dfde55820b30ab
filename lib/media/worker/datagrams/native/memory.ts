import type { Libc } from './libc';

/** `struct msghdr` and the `struct iovec` behind it, 64-bit: bytes of both together. */
export const MESSAGE_BYTES = 56 + 16;
/** `struct sockaddr_in6`, the larger of the two families. */
export const NAME_BYTES = 28;

const NAME = 0;
const NAME_LENGTH = 8;
const PARTS = 16;
const PART_COUNT = 24;
const PART_BASE = 56;
const PART_LENGTH = 64;

/**
 * An address that is passed in each call. It is a number above 2³⁰, which a field would put on the heap anew whenever it
 * is read; as the element of a list of anything it was put there once.
 */
export type FixedAddress = readonly unknown[];

export function fixedAddress(address: number): FixedAddress {
  const list: unknown[] = [{}];
  list[0] = address;
  return list;
}

/** Memory that the system reads and writes, seen as bytes and as words. */
export class Memory {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly #pointers: BigUint64Array;
  readonly #base: number;

  constructor(libc: Libc, size: number) {
    const buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.#pointers = new BigUint64Array(buffer);
    this.#base = libc.addressOf(this.bytes);
  }

  /** Where the system finds an offset. */
  address(offset: number): number {
    return this.#base + offset;
  }

  /**
   * Prepares a message of one part.
   *
   * @param at offset of its `MESSAGE_BYTES`, a multiple of eight
   * @param name offset of its socket address
   */
  message(at: number, name: number): void {
    this.#pointers[(at + NAME) >> 3] = BigInt(this.address(name));
    this.#pointers[(at + PARTS) >> 3] = BigInt(this.address(at + PART_BASE));
    this.#pointers[(at + PART_COUNT) >> 3] = 1n;
  }

  nameLength(at: number, length: number): void {
    this.words[(at + NAME_LENGTH) >> 2] = length;
  }

  /** @param address of the bytes that are sent from or received into */
  partAddress(at: number, address: number): void {
    this.#pointers[(at + PART_BASE) >> 3] = BigInt(address);
  }

  partLength(at: number, length: number): void {
    this.words[(at + PART_LENGTH) >> 2] = length;
  }
}
