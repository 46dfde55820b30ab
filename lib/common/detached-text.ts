/**
 * The same text with memory of its own. What is cut out of a text shares the memory of the whole, so that a cache of
 * small pieces would keep every message that one of them came from.
 */
export function detached(text: string): string {
  return Buffer.from(text).toString();
}
