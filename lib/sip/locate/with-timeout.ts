import type { Clock } from '../../common';
import { tookTooLong } from './errors';
import { LOCATE_LIMITS } from './limits';

/**
 * The promise, or a rejection with DNS after `LOCATE_LIMITS.totalMs`: a resolver that never answers
 * must not keep a caller or a place in the queue for ever.
 */
export async function withTimeout<Value>(
  promise: Promise<Value>,
  clock: Clock,
  name: string,
): Promise<Value> {
  let timer: ReturnType<Clock['setTimeout']> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = clock.setTimeout(() => reject(tookTooLong(name, LOCATE_LIMITS.totalMs)), LOCATE_LIMITS.totalMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clock.clearTimeout(timer);
  }
}
