import { memory } from './cells';

/** Sequence numbers that are remembered. */
export const SEEN_NUMBERS = 512;
/** Cells for a bit each. */
export const SEEN_CELLS = SEEN_NUMBERS / 64;

const BITS = 32;
const WORDS = SEEN_NUMBERS / BITS;

/** Forgets all numbers. */
export function forgetSeen(at: number): void {
  memory.words.fill(0, 2 * at, 2 * at + WORDS);
}

/**
 * Notes a number and returns whether it was noted before.
 *
 * @param at first of the cells.
 * @param number extended sequence number, above `highest - SEEN_NUMBERS`.
 * @param highest number that was noted so far.
 */
export function noteSeen(at: number, number: number, highest: number): boolean {
  const { words } = memory;
  if (number - highest >= SEEN_NUMBERS) forgetSeen(at);
  else for (let passed = highest + 1; passed <= number; passed++) words[wordOf(at, passed)] &= ~bitOf(passed);
  const word = wordOf(at, number);
  const before = words[word];
  words[word] = before | bitOf(number);
  return (before & bitOf(number)) !== 0;
}

function wordOf(at: number, number: number): number {
  return 2 * at + ((number & (SEEN_NUMBERS - 1)) >> 5);
}

function bitOf(number: number): number {
  return 1 << (number & (BITS - 1));
}
