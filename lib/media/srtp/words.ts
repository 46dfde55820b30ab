/** Big-endian words of packets and keys, as signed 32-bit numbers: those stay small integers in the engine. */

/** The word at `at`; bytes behind the end of the array count as zero. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** Writes the first `length` bytes (at most 20) of the words `mac` at `at`. */
export function writeTag(bytes: Uint8Array, at: number, mac: Int32Array, length: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = mac[i >> 2] >>> (24 - 8 * (i & 3));
}

/** Compares the tag at `at` with the first `length` bytes of `mac`, in the same time wherever they differ. */
export function equalTag(bytes: Uint8Array, at: number, mac: Int32Array, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++)
    difference |= bytes[at + i] ^ ((mac[i >> 2] >>> (24 - 8 * (i & 3))) & 0xff);
  return difference === 0;
}
