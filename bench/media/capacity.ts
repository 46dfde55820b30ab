import { PTIME_MS } from './streams';

/** Capacity is the largest number without loss, with fewer skipped deadlines than this share, and p99 below 5 ms. */
const MAX_SKIPPED_SHARE = 0.0001;
const MAX_P99_MS = 5;
const MAX_STREAMS = 6000;
const MIN_STREAMS = 10;
/** Ratio of the smallest number that failed to the largest that did not at which the search ends. */
const RESOLUTION = 1.15;
/** Largest and smallest ratio of the next number to the last one, whatever the CPU figure promises. */
const MAX_STEP = 4;
const MIN_STEP = 1.2;
/** Of a core: where a thread is expected to be full, and above which a failure needs no second look. */
const FULL = 0.9;

/** What was seen of so many streams. */
export interface Attempt {
  cpuShare: number;
  lost: number;
  skippedTicks: number;
  /** 99th percentile of the interpacket jitter of streams that the same thread sends to a sink. */
  p99IpjMs: number;
  /** Recorded audio that the disk was too slow for. */
  recordingLostMs?: number;
  rssMb?: number;
  diskMbPerSecond?: number;
}

export interface Capacity {
  streams: number;
  p99IpjMs: number;
  limitedBy: string;
  /** At that number. */
  cpuShare?: number;
  rssMb?: number;
  diskMbPerSecond?: number;
  /** Of what the C program carries by the same rule; null without a compiler. */
  cShare?: number | null;
}

/** What is searched for. */
export interface Search {
  /** As it stands behind the number in what is printed. */
  name: string;
  /** Where the search begins. */
  firstTry: number;
  /** Numbers that are tried at most. */
  attempts: number;
  /** Of one attempt. */
  seconds: number;
  /** The CPU figure is of this work alone, so that it tells how much more there may be. */
  cpuIsOurs: boolean;
  readonly attempt: (streams: number, seconds: number) => Promise<Attempt>;
}

/**
 * How many streams one thread carries in the steady state. The CPU that the last number took says where the limit may be;
 * once one number has failed the interval is halved.
 */
export async function capacity(search: Search): Promise<Capacity> {
  let best: Capacity = { streams: 0, p99IpjMs: 0, limitedBy: 'the largest number tried' };
  let failed = Infinity;
  let streams = even(Math.max(20, search.firstTry));
  for (let count = 0; count < search.attempts; count++) {
    // One failure may be due to other work of the machine, a second one or a full core is not.
    let { result, limit } = await attempt(search, streams);
    const isFull = search.cpuIsOurs && result.cpuShare >= FULL;
    if (limit && !isFull) ({ result, limit } = await attempt(search, streams));
    if (limit) {
      failed = streams;
      best = { ...best, limitedBy: `${limit} with ${streams}` };
    } else {
      const { p99IpjMs, cpuShare, rssMb, diskMbPerSecond } = result;
      best = { ...best, streams, p99IpjMs, cpuShare, rssMb, diskMbPerSecond };
    }
    if (failed / Math.max(1, best.streams) <= RESOLUTION || streams >= MAX_STREAMS) break;
    const promised = search.cpuIsOurs ? FULL / result.cpuShare : 2;
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
  { name, seconds, attempt: measure }: Search,
  streams: number,
): Promise<{ result: Attempt; limit: string | undefined }> {
  const result = await measure(streams, seconds);
  const limit = limitOf(result, streams, seconds);
  console.log(
    `${streams} streams${name}: ${(100 * result.cpuShare).toFixed(0)} % of a core, ${result.lost} lost, ` +
      `${result.skippedTicks} skipped, p99 ${result.p99IpjMs.toFixed(2)} ms${limit ? `: ${limit}` : ''}`,
  );
  return { result, limit };
}

function limitOf(result: Attempt, streams: number, seconds: number): string | undefined {
  const skippedShare = result.skippedTicks / (streams * ((seconds * 1000) / PTIME_MS));
  if (result.lost > 0) return 'loss';
  if ((result.recordingLostMs ?? 0) > 0) return 'the disk';
  if (skippedShare > MAX_SKIPPED_SHARE) {
    return `skipped deadlines at ${Math.round(100 * result.cpuShare)} % of a core`;
  }
  return result.p99IpjMs > MAX_P99_MS ? 'jitter' : undefined;
}
