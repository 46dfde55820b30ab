import { duplex, PTIME_MS, type DuplexOptions, type DuplexResult } from './streams';

/** Capacity is the largest number without loss, with fewer skipped deadlines than this share, and p99 below 5 ms. */
const MAX_SKIPPED_SHARE = 0.0001;
const MAX_P99_MS = 5;
const MAX_STREAMS = 4000;
/** The search ends when the smallest number that failed is so close to the largest that did not. */
const RESOLUTION = 1.1;

export interface Capacity {
  streams: number;
  p99IpjMs: number;
  limitedBy: string;
  /** At that number. */
  cpuShare?: number;
  rssMb?: number;
  diskMbPerSecond?: number;
}

/** How many sessions one worker carries in the steady state, by doubling and then halving the interval. */
export async function capacity(
  name: string,
  seconds: number,
  options: DuplexOptions,
  firstTry: number,
): Promise<Capacity> {
  let best: Capacity = { streams: 0, p99IpjMs: 0, limitedBy: 'the largest number tried' };
  let failed = Infinity;
  let streams = firstTry;
  while (streams >= 10 && streams <= MAX_STREAMS) {
    // The machine has other work: once may be its fault, twice is ours.
    let { result, limit } = await attempt(name, streams, seconds, options);
    if (limit) ({ result, limit } = await attempt(name, streams, seconds, options));
    if (limit) {
      failed = streams;
      best = { ...best, limitedBy: `${limit} with ${streams}` };
    } else {
      const { p99IpjMs, cpuShare, rssMb, diskMbPerSecond } = result;
      best = { ...best, streams, p99IpjMs, cpuShare, rssMb, diskMbPerSecond };
    }
    if (best.streams > 0 && failed / best.streams <= RESOLUTION) break;
    // Sessions come in pairs.
    streams = failed === Infinity ? 2 * best.streams : 2 * Math.round((best.streams + failed) / 4);
  }
  return best;
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
