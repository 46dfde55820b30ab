import { capacity, type Attempt, type Capacity, type Search } from './capacity';
import type { Reference } from './reference';
import { openSink } from './sinks';
import { duplex, PROBES, PTIME_MS, type DuplexOptions } from './streams';

/** Extent of the searches. */
export interface Extent {
  /** Of each number that is tried, after warming up. */
  seconds: number;
  /** Numbers that each search tries at most. */
  attempts: number;
}

const FIRST_TRY = 250;
const FIRST_TRY_OF_C = 1000;

/** Streams that one worker carries: plain, with SRTP, playing and recording, and while libuv's pool is saturated. */
export type Capacities = Record<'capacity' | 'capacitySrtp', Capacity> &
  Partial<Record<'capacityPoolBusy' | 'capacityFiles' | 'capacityFilesPoolBusy', Capacity>>;

/** How many sessions of this kind one worker carries. */
export function capacityOf(
  extent: Extent,
  name: string,
  options: DuplexOptions,
  firstTry: number,
): Promise<Capacity> {
  const attempt = (streams: number, seconds: number): Promise<Attempt> =>
    duplex(streams, seconds, options, true);
  // With a busy pool the CPU figure includes the work of libuv's threads.
  return capacity({ ...extent, name, firstTry, cpuIsOurs: !options.poolBusy, attempt });
}

/** How many streams the C program carries by the same rule; undefined where there is no compiler. */
export async function capacityOfC(
  extent: Extent,
  reference: Reference | undefined,
): Promise<Capacity | undefined> {
  if (!reference) return undefined;
  const attempt: Search['attempt'] = async (streams, seconds) => {
    const sink = await openSink(PROBES, PTIME_MS);
    let lost = 0;
    let skippedTicks = 0;
    let cpuShare = 0;
    const { p99, lost: lostOnWay } = await sink.measure(async () => {
      ({
        lost,
        skipped: skippedTicks,
        cpuShare,
      } = await reference.run('duplex', seconds, streams, ...sink.ports));
    });
    await sink.close();
    return { cpuShare, lost: lost + lostOnWay, skippedTicks, p99IpjMs: p99 };
  };
  return capacity({
    ...extent,
    name: ' of the C program',
    firstTry: FIRST_TRY_OF_C,
    cpuIsOurs: true,
    attempt,
  });
}

/** What the driver has a part in. */
export async function capacitiesOnTheWire(extent: Extent, ofC: Capacity | undefined): Promise<Capacities> {
  const plain = await capacityOf(extent, '', {}, FIRST_TRY);
  const srtp = await capacityOf(extent, ' with SRTP', { srtp: true }, 0.7 * plain.streams);
  return {
    capacity: { ...plain, cShare: ofC && ofC.streams > 0 ? plain.streams / ofC.streams : null },
    capacitySrtp: srtp,
  };
}

/** What depends on files and on the pool of libuv, whatever the driver. */
export async function capacitiesWithFiles(extent: Extent, plain: number): Promise<Partial<Capacities>> {
  const files = await capacityOf(extent, ' that play and record', { files: true }, 0.6 * plain);
  const busy = { poolBusy: true };
  return {
    capacityPoolBusy: await capacityOf(extent, ' with a busy pool', busy, 0.5 * plain),
    capacityFiles: files,
    capacityFilesPoolBusy: await capacityOf(
      extent,
      ' that play and record with a busy pool',
      { files: true, ...busy },
      0.5 * files.streams,
    ),
  };
}
