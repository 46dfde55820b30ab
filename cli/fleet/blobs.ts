import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { UsageError } from '../arguments';
import { KEYS, RUN_SECONDS } from './state';

/** One value of Redis takes so many bytes at most, so that nobody else waits long for it. */
const CHUNK_BYTES = 1 << 20;

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Puts bytes under their hash, unless they are there; returns the hash. */
export async function putBlob(redis: Redis, bytes: Buffer): Promise<string> {
  const hash = hashOf(bytes);
  const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
  const keys = Array.from({ length: chunks }, (_, index) => KEYS.chunk(hash, index));
  // The last key says that all of it is there; all of them live as long again.
  const isThere = await redis.expire(KEYS.blob(hash), RUN_SECONDS);
  if (isThere) {
    const alive = await Promise.all(keys.map((key) => redis.expire(key, RUN_SECONDS)));
    if (alive.every((each) => each === 1)) return hash;
  }
  for (const [index, key] of keys.entries()) {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    await redis.set(key, chunk, 'EX', RUN_SECONDS);
  }
  await redis.set(KEYS.blob(hash), bytes.length, 'EX', RUN_SECONDS);
  return hash;
}

/**
 * Bytes of a hash.
 *
 * @throws UsageError when they are not there, or are others
 */
export async function getBlob(redis: Redis, hash: string): Promise<Buffer> {
  const size = Number((await redis.get(KEYS.blob(hash))) ?? NaN);
  const chunks: Buffer[] = [];
  for (let index = 0; index * CHUNK_BYTES < size; index++) {
    const chunk = await redis.getBuffer(KEYS.chunk(hash, index));
    if (chunk) chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (hashOf(bytes) === hash) return bytes;
  throw new UsageError('Redis no longer has the files of the run, or others: start the run again.');
}
