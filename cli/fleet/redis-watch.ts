import type { FleetRedis } from './redis';
import { UsageError } from '../arguments';

/** A Redis that is gone for so long ends the run. */
const LOST_MS = 60_000;
/** Who interrupts does not wait for it. */
const LOST_WHEN_INTERRUPTED_MS = 2000;
const LOOK_EVERY_MS = 500;

/**
 * What a promise resolves with, unless Redis is gone for too long: commands wait for it as long as it is.
 *
 * @throws UsageError when it is gone
 */
export async function whileRedis<Result>(
  { client }: FleetRedis,
  interrupted: AbortSignal,
  work: Promise<Result>,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const isLost = new Promise<never>((_resolve, reject) => {
    let goneMs = 0;
    timer = setInterval(() => {
      goneMs = client.status === 'ready' ? 0 : goneMs + LOOK_EVERY_MS;
      const limitMs = interrupted.aborted ? LOST_WHEN_INTERRUPTED_MS : LOST_MS;
      if (goneMs >= limitMs)
        reject(new UsageError(`Redis has been gone for ${Math.round(goneMs / 1000)} s.`));
    }, LOOK_EVERY_MS);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, isLost]);
  } finally {
    clearInterval(timer);
  }
}
