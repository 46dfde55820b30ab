import { randomFillSync } from 'node:crypto';

const BYTES = 9;
/** Random bytes for many ids at once: asking the system for each call costs more than the rest of its birth. */
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

/** A call's id: `call-` and 72 random bits in twelve characters that are safe in URLs and file names. */
export function newCallId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return `call-${pool.toString('base64url', used - BYTES, used)}`;
}
