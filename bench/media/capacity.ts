import { duplex, PTIME_MS, type DuplexOptions, type DuplexResult } from './streams';

/** Capacity is the largest number without loss, with fewer skipped deadlines than this share, and p99 below 5 ms. */
const MAX_SKIPPED_SHARE = 0.0001;
const MAX_P99_MS = 5;
const MAX_STREAMS = 4000;
const MIN_STREAMS = 10;
/** Ratio of the smallest number that failed to the largest that did not at which the search ends. */
const RESOLUTION = 1.15;
/** Largest and smallest ratio of the next number to the last one, whatever the CPU figure promises. */
const MAX_STEP = 4;
const MIN_STEP = 1.2;
/** Of a core: where a worker is expected to be full, and above which a failure needs no second look. */
const FULL = 0.9;

export interface Capacity {
  streams: number;
  p99IpjMs: number;
  limitedBy: string;
  /** At that number. */
  cpuShare?: number;
  rssMb?: number;
  diskMbPerSecond?: number;
}

/**
 * How many sessions one worker carries in the steady state. The CPU that the last number took says where the limit
 * may be; once one number has failed the interval is halved.
 *
 * @param firstTry where the search begins.
 * @param attempts numbers that are tried at most.
 */
export async function capacity(
  name: string,
  { seconds, attempts }: { seconds: number; attempts: number },
  options: DuplexOptions,
  firstTry: number,
): Promise<Capacity> {
  let best: Capacity = { streams: 0, p99IpjMs: 0, limitedBy: 'the largest number tried' };
  let failed = Infinity;
  let streams = even(firstTry);
  for (let count = 0; count < attempts; count++) {
    // One failure may be due to other work of the machine, a second one or a full core is not.
    let { result, limit } = await attempt(name, streams, seconds, options);
    const isFull = !options.poolBusy && result.cpuShare >= FULL;
    if (limit && !isFull) ({ result, limit } = await attempt(name, streams, seconds, options));
    if (limit) {
      failed = streams;
      best = { ...best, limitedBy: `${limit} with ${streams}` };
    } else {
      const { p99IpjMs, cpuShare, rssMb, diskMbPerSecond } = result;
      best = { ...best, streams, p99IpjMs, cpuShare, rssMb, diskMbPerSecond };
    }
    if (failed / Math.max(1, best.streams) <= RESOLUTION || streams >= MAX_STREAMS) break;
    // With a busy pool the CPU figure includes the work of libuv's threads and is of no use.
    const promised = options.poolBusy ? 2 : FULL / result.cpuShare;
    if (failed === Infinity) streams = even(streams * Math.min(MAX_STEP, Math.max(MIN_STEP, promised)));
    else if (best.streams === 0) streams = even(streams / 2);
    else streams = even((best.streams + failed) / 2);
    streams = Math.min(MAX_STREAMS, streams);
    if (streams < MIN_STREAMS) break;
  }
  return best;
}

/** Sessions come in pairs. */
function even(streams: number): number {
  return 2 * Math.round(streams / 2);
}

async function attempt(
  name: string,
  streams: number,
  seconds: number,
  options: DuplexOptions,
): Promise<{ result: DuplexResult; limit: string | undefined }> {
  const result = await duplex(streams, seconds, options, true);
  const limit = limitOf(result, seconds);
  console.log(
    `${streams} sessions${name}: ${(100 * result.cpuShare).toFixed(0)} % of a core, ${result.lost} lost, ` +
      `${result.skippedTicks} skipped, p99 ${result.p99IpjMs.toFixed(2)} ms${limit ? `: ${limit}` : ''}`,
  );
  return { result, limit };
}

function limitOf(result: DuplexResult, seconds: number): string | undefined {
  const skippedShare = result.skippedTicks / (result.streams * ((seconds * 1000) / PTIME_MS));
  if (result.lost > 0) return 'loss';
  if (result.recordingLostMs > 0) return 'the disk';
  if (skippedShare > MAX_SKIPPED_SHARE) {
    return `skipped deadlines at ${Math.round(100 * result.cpuShare)} % of a core`;
  }
  return result.p99IpjMs > MAX_P99_MS ? 'jitter' : undefined;
}
