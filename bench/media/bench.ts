/**
 * `npm run bench:media [-- [--quick] [--drivers] [streams] [seconds] [rounds]]`: benchmark of the media engine against a
 * C program built at run time and run in turn with it. Prints progress, the targets, and one JSON object as its last line.
 * `--drivers` measures again what goes over the network, with the native driver for datagrams. At most twenty minutes.
 * Rounds whose reference shows that the machine had other work are repeated; when too few are left `valid` is false.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountOf, type Account } from './account';
import { capacitiesOnTheWire, capacitiesWithFiles, capacityOfC } from './capacities';
import type { Capacity } from './capacity';
import type { Recorded } from './recorded-hour';
import { Reference } from './reference';
import { measureRounds } from './rounds';
import { measureSessionAlone } from './session-alone';
import { buildSink, openSink } from './sinks';
import { loadMain, PTIME_MS, sendersTo } from './streams';
import { driverTargets, otherTargets, targetLines, type DriverFigures, type DriverName } from './targets';

/** Extent of the measurements. */
interface Plan {
  streams: number;
  /** Of each measurement of spacing and CPU. */
  seconds: number;
  rounds: { wanted: number; most: number };
  driftSeconds: number;
  /** Numbers that each search for a capacity tries at most. */
  attempts: number;
  /** Processes that the code of sessions is measured in, of each kind. */
  processes: number;
}

const FULL: Plan = {
  streams: 500,
  seconds: 4,
  rounds: { wanted: 5, most: 8 },
  driftSeconds: 60,
  attempts: 6,
  processes: 10,
};

/** To see that everything still runs; its figures say little. */
const QUICK: Plan = {
  streams: 100,
  seconds: 1,
  rounds: { wanted: 1, most: 1 },
  driftSeconds: 5,
  attempts: 1,
  processes: 1,
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

/** Runs a script of its own and reads the JSON of its last line. */
function figuresOf<T>(script: string, flags: string[] = []): T {
  const { stdout } = spawnSync(process.execPath, [...flags, join(__dirname, `${script}.js`)], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as T;
}

/** What the figures of a driver are compared with. */
interface Compared {
  reference: Reference | undefined;
  capacityOfC: Capacity | undefined;
}

/** What depends on the driver for datagrams, and what of it is meant by which target. */
async function onTheWire(
  driver: DriverName,
  plan: Plan,
  { reference, capacityOfC: ofC }: Compared,
): Promise<{ figures: DriverFigures; perPacketUs: Account }> {
  process.env.SIPFLOW_DATAGRAMS = driver;
  const rounds = await measureRounds(plan.streams, plan.seconds, plan.rounds, reference);
  const perPacketUs = accountOf(driver, plan.streams, plan.seconds);
  const extent = { ...plan, seconds: Math.min(plan.seconds, LONGEST_ATTEMPT_S) };
  const carried = await capacitiesOnTheWire(extent, ofC);
  // The driver has no part in files.
  const more = driver === 'dgram' ? await capacitiesWithFiles(extent, carried.capacity.streams) : {};
  return { figures: { ...rounds, drift60s: await drift(plan), ...carried, ...more }, perPacketUs };
}

/** As the figures of a driver stand in the JSON. */
function shown({ figures, perPacketUs }: Awaited<ReturnType<typeof onTheWire>>, plan: Plan): object {
  const { rounds, pacing, referenceCpuUs, ...rest } = figures;
  void referenceCpuUs;
  return { valid: rounds.valid >= plan.rounds.wanted, rounds, ...pacing, ...rest, perPacketUs };
}

/** The same figures over the native driver. */
async function overNative(plan: Plan, compared: Compared): Promise<object> {
  console.log('The same over the native driver for datagrams:');
  const measured = await onTheWire('native', plan, compared);
  const targets = driverTargets('native', measured.figures);
  for (const line of targetLines(targets)) console.log(line);
  return { ...shown(measured, plan), targets };
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
    const seconds = Math.min(plan.seconds, LONGEST_ATTEMPT_S);
    const ofC = await capacityOfC({ seconds, attempts: plan.attempts }, reference);
    const compared = { reference, capacityOfC: ofC };
    const measured = await onTheWire('dgram', plan, compared);
    const { pacing, referenceCpuUs } = measured.figures;
    const srtpUsPerPacket = figuresOf<{ srtpUsPerPacket?: number }>('srtp').srtpUsPerPacket ?? null;
    const sessionAlone = measureSessionAlone(plan.processes);
    const { resample, hour } = figuresOf<Conversion>('conversion');
    const recordedHour = figuresOf<Partial<Record<string, Recorded>>>('recorded-hour');
    const conversion = { ...resample, hourRssMb: hour?.rssMb, hourBlockedMs: hour?.mainBlockedMs };
    const targets = [
      ...driverTargets('dgram', measured.figures),
      ...otherTargets({ srtpUsPerPacket, sessionAlone, recordedHour, conversion }),
    ];
    const drivers = words.includes('--drivers') ? { native: await overNative(plan, compared) } : undefined;
    const result = {
      driver: 'dgram',
      reference: {
        kind: reference ? 'c' : null,
        p99IpjMs: pacing.idle.referenceP99IpjMs,
        // A call sends and receives 50 packets a second.
        cpuUsPerCall: referenceCpuUs === null ? null : (referenceCpuUs * 1000) / PTIME_MS,
        capacity: ofC,
      },
      /** Clock of the arrivals: the kernel's, or that of a thread that may be late itself. */
      arrivals,
      ...shown(measured, plan),
      srtpUsPerPacket,
      sessionAlone,
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
