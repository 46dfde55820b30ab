import { createHmac, randomBytes, randomFillSync } from 'node:crypto';

/** A `token` (RFC 3261, 25.1): methods, header names, option tags. */
export const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z|~]+$/;

/** Every RFC 3261 branch begins with it (8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

const BYTES = 12;
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

/** 96 random bits as 16 URL-safe characters, for tags, Call-IDs and branches. */
export function randomToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  // `-` and `_` are token characters (RFC 3261, 25.1), so base64url needs no escape anywhere in SIP.
  return pool.toString('base64url', used - BYTES, used);
}

export function randomBranch(): string {
  return BRANCH_COOKIE + randomToken();
}

const secret = randomBytes(32);

/**
 * A To tag for answers that leave no state behind: the same request always gets the same tag (RFC 3261, 8.2.7),
 * and it cannot be guessed.
 *
 * @param key what identifies the request's transaction
 */
export function statelessTag(key: string): string {
  return createHmac('sha256', secret).update(key).digest('base64url').slice(0, 16);
}
