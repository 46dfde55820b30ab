/**
 * `npm run bench:media [-- [--quick] [--drivers] [streams] [seconds] [rounds]]`: benchmark of the media engine against a
 * C program built at run time and run in turn with it. Prints progress, the targets, and one JSON object as its last line.
 * `--drivers` measures again what goes over the network, with the native driver for datagrams.
 * Rounds whose reference shows that the machine had other work are repeated; when too few are left `valid` is false.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capacity, type Capacity } from './capacity';
import type { Recorded } from './recorded-hour';
import { Reference } from './reference';
import { measureRounds } from './rounds';
import { buildSink, openSink } from './sinks';
import { loadMain, PTIME_MS, sendersTo, type DuplexOptions } from './streams';
import { targetLines, targetsOf } from './targets';

/** Extent of the measurements. */
interface Plan {
  streams: number;
  /** Of each measurement of spacing and CPU. */
  seconds: number;
  rounds: { wanted: number; most: number };
  driftSeconds: number;
  /** Numbers that each search for a capacity tries at most. */
  attempts: number;
}

const FULL: Plan = {
  streams: 500,
  seconds: 6,
  rounds: { wanted: 3, most: 9 },
  driftSeconds: 60,
  attempts: 6,
};

/** To see that everything still runs; its figures say little. */
const QUICK: Plan = {
  streams: 100,
  seconds: 1,
  rounds: { wanted: 1, most: 1 },
  driftSeconds: 5,
  attempts: 1,
};

/** Each number of the search for the capacity is tried for so long, after warming up. */
const LONGEST_ATTEMPT_S = 3;
/** Nothing may be collected while the heap is counted. */
const COUNT_HEAP = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

interface Drift {
  streams: number;
  share: number;
  worstStream: number;
  fewest: number;
  most: number;
  skippedTicks: number;
}

interface Conversion {
  resample?: { aliasDbfs: number; passbandDb: number; ms: number };
  hour?: { rssMb: number; ms: number; mainBlockedMs: number };
}

/** Of the figures in the JSON; four would round the tolerance of 0.01 % away. */
const DIGITS = 6;

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;

/** Packets that went out against the wall clock, in sum and for the worst stream (see `SinkResult`). */
async function drift({ streams, driftSeconds }: Plan): Promise<Drift> {
  const sink = await openSink(streams, PTIME_MS);
  const senders = await sendersTo(sink);
  const { share, worstStream, fewest, most } = await sink.measure(() =>
    loadMain('idle', driftSeconds * 1000),
  );
  const statistics = await senders.close();
  await sink.close();
  const skippedTicks = statistics.reduce((sum, figures) => sum + figures.skippedTicks, 0);
  console.log(
    `${streams} streams for ${driftSeconds} s: ${(share * 100).toFixed(4)} % of the packets, ` +
      `the worst stream ${worstStream.toFixed(2)} packets off, ${skippedTicks} skipped`,
  );
  return { streams, share, worstStream, fewest, most, skippedTicks };
}

/** Sessions that one worker carries: plain, with SRTP, playing and recording, and while libuv's pool is saturated. */
async function capacities({
  seconds,
  attempts,
}: Plan): Promise<Record<`capacity${'' | 'Srtp' | 'PoolBusy' | 'Files' | 'FilesPoolBusy'}`, Capacity>> {
  const search = (name: string, options: DuplexOptions, firstTry: number): Promise<Capacity> =>
    capacity(
      name,
      { seconds: Math.min(seconds, LONGEST_ATTEMPT_S), attempts },
      options,
      Math.max(20, firstTry),
    );
  const plain = await search('', {}, 250);
  const files = await search(' that play and record', { files: true }, 0.6 * plain.streams);
  return {
    capacity: plain,
    capacitySrtp: await search(' with SRTP', { srtp: true }, 0.6 * plain.streams),
    capacityPoolBusy: await search(' with a busy pool', { poolBusy: true }, 0.5 * plain.streams),
    capacityFiles: files,
    capacityFilesPoolBusy: await search(
      ' that play and record with a busy pool',
      { files: true, poolBusy: true },
      0.5 * files.streams,
    ),
  };
}

/** Runs a script of its own and reads the JSON of its last line. */
function figuresOf<T>(script: string, flags: string[] = []): T {
  const { stdout } = spawnSync(process.execPath, [...flags, join(__dirname, `${script}.js`)], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as T;
}

/** What depends on the driver for datagrams. */
async function onTheWire(plan: Plan, reference: Reference | undefined) {
  const figures = await measureRounds(plan.streams, plan.seconds, plan.rounds, reference);
  return { figures, drift60s: await drift(plan), carried: await capacities(plan) };
}

/** The same figures over the native driver. */
async function overNative(plan: Plan, reference: Reference | undefined): Promise<object> {
  console.log('The same over the native driver for datagrams:');
  process.env.SIPFLOW_DATAGRAMS = 'native';
  const { figures, drift60s, carried } = await onTheWire(plan, reference);
  const { rounds, pacing, cpuRatio } = figures;
  return { valid: rounds.valid >= plan.rounds.wanted, rounds, ...pacing, drift60s, ...carried, cpuRatio };
}

function planOf(words: readonly string[]): Plan {
  const { rounds, ...rest } = words.includes('--quick') ? QUICK : FULL;
  const numbers = words.filter((word) => !word.startsWith('-')).map(Number);
  const [streams = rest.streams, seconds = rest.seconds, wanted = rounds.wanted] = numbers;
  return { ...rest, streams, seconds, rounds: { ...rounds, wanted } };
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const plan = planOf(words);
  if (words.includes('--quick')) console.log('Quick: to see that everything runs; its figures say little.');
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  try {
    const reference = Reference.build(folder);
    const arrivals = buildSink(folder);
    delete process.env.SIPFLOW_DATAGRAMS;
    const { figures, drift60s, carried } = await onTheWire(plan, reference);
    const { rounds, pacing, cpuRatio, referenceCpuUs } = figures;
    const srtpUsPerPacket = figuresOf<{ srtpUsPerPacket?: number }>('srtp').srtpUsPerPacket ?? null;
    const { resample, hour } = figuresOf<Conversion>('conversion');
    const recordedHour = figuresOf<Partial<Record<string, Recorded>>>('recorded-hour');
    const targets = targetsOf({
      ...figures,
      ...carried,
      drift60s,
      srtpUsPerPacket,
      recordedHour,
      conversion: { ...resample, hourRssMb: hour?.rssMb, hourBlockedMs: hour?.mainBlockedMs },
    });
    const drivers = words.includes('--drivers') ? { native: await overNative(plan, reference) } : undefined;
    const result = {
      driver: 'dgram',
      valid: rounds.valid >= plan.rounds.wanted,
      rounds,
      reference: {
        kind: reference ? 'c' : null,
        p99IpjMs: pacing.idle.referenceP99IpjMs,
        // A call sends and receives 50 packets a second.
        cpuUsPerCall: referenceCpuUs === null ? null : (referenceCpuUs * 1000) / PTIME_MS,
      },
      /** Clock of the arrivals: the kernel's, or that of a thread that may be late itself. */
      arrivals,
      ...pacing,
      drift60s,
      ...carried,
      cpuRatio,
      srtpUsPerPacket,
      allocatedBytesPerPacket: figuresOf('allocation', COUNT_HEAP),
      /** An hour recorded with a peer 100 ppm fast or slow: holes, overwritten samples, skew of the sides, CPU. */
      recordedHour,
      resample,
      hour,
      targets,
      ...(drivers && { drivers }),
    };
    for (const line of targetLines(targets)) console.log(line);
    console.log(JSON.stringify(result, rounded));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
