/** By byte; each is made when it is first needed and shared by all streams of the thread. */
const arrays: (Uint8Array | undefined)[] = Array.from({ length: 256 });

/**
 * At least `length` times the same byte: the payload of a silent packet. Shared, so nobody may write to it.
 *
 * @param byte 0–255.
 */
export function stillBytes(byte: number, length: number): Uint8Array {
  const known = arrays[byte];
  if (known && known.length >= length) return known;
  const made = new Uint8Array(length).fill(byte);
  arrays[byte] = made;
  return made;
}
