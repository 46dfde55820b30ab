import { randomFillSync } from 'node:crypto';

const MARK_BYTES = 16;
/** Random bytes are fetched for many marks at once: fetching 16 takes 15 µs, as long as 4,096. */
const pool = Buffer.allocUnsafeSlow(256 * MARK_BYTES);
let used = pool.length;

/** A token that nobody can guess: 128 random bits in hexadecimal. */
export function newMark(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString('hex', used, (used += MARK_BYTES));
}
