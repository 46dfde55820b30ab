/**
 * `npm run bench:media [-- [streams] [seconds] [rounds]]`: what the media engine does, against a C program built
 * at run time and run in turn with it. Prints progress, then one JSON object as its last line. A run whose
 * reference has a p99 above 2 ms says more about the machine's other work than about us: `valid` is false.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capacity } from './capacity';
import { Reference } from './reference';
import { duplex, loadMain, PTIME_MS, sendersTo, Sink, type DuplexOptions, type Load } from './streams';

const INVALID_P99_MS = 2;
const DRIFT_SECONDS = 60;
/** Each number of the search for the capacity is tried for so long, after warming up. */
const LONGEST_ATTEMPT_S = 3;
/** Nothing may be collected while the heap is counted. */
const COUNT_HEAP = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

interface Pacing {
  streams: number;
  p99IpjMs: number;
  lost: number;
  /** The same of the C program under the same load of the main thread. */
  referenceP99IpjMs: number | null;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

/** Spacing of packets under each load, of the reference and then ours: both feel what the main thread takes. */
async function pacing(
  streams: number,
  seconds: number,
  reference: Reference | undefined,
): Promise<Record<Load, Pacing>> {
  const sink = await Sink.open(streams);
  const results: Partial<Record<Load, Pacing>> = {};
  for (const kind of ['idle', 'busy', 'blocked'] as const) {
    const load = (): Promise<void> => loadMain(kind, seconds * 1000);
    const c =
      reference &&
      (await sink.measure(() => Promise.all([reference.run('pace', seconds, ...sink.ports), load()])));
    const senders = await sendersTo(sink);
    const ours = await sink.measure(load);
    await senders.close();
    results[kind] = { streams, p99IpjMs: ours.p99, lost: ours.lost, referenceP99IpjMs: c?.p99 ?? null };
    console.log(
      `${streams} streams, main ${kind}: p99 ${ours.p99.toFixed(2)} ms, lost ${ours.lost}; ` +
        `reference ${c ? c.p99.toFixed(2) : '?'} ms`,
    );
  }
  await sink.close();
  return results as Record<Load, Pacing>;
}

/** Packets that went out in a minute against the wall clock, in sum and for each stream. */
async function drift(streams: number): Promise<unknown> {
  const sink = await Sink.open(streams);
  const senders = await sendersTo(sink);
  const started = performance.now();
  const figures = await sink.measure(() => loadMain('idle', DRIFT_SECONDS * 1000));
  const expected = (performance.now() - started) / PTIME_MS;
  const statistics = await senders.close();
  await sink.close();
  const skipped = statistics.reduce((sum, { skippedTicks }) => sum + skippedTicks, 0);
  const share = figures.packets / (expected * streams);
  console.log(`${streams} streams for ${DRIFT_SECONDS} s: ${(share * 100).toFixed(3)} % of the packets`);
  return { streams, share, fewest: figures.fewest, most: figures.most, expected, skippedTicks: skipped };
}

/** Sessions that one worker carries: plain, with SRTP, playing and recording, and while libuv's pool is saturated. */
async function capacities(seconds: number): Promise<Record<string, unknown>> {
  const search = (name: string, options: DuplexOptions, firstTry: number): ReturnType<typeof capacity> =>
    capacity(name, Math.min(seconds, LONGEST_ATTEMPT_S), options, Math.max(20, firstTry));
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
function figuresOf(script: string, flags: string[] = []): Record<string, unknown> {
  const { stdout } = spawnSync(process.execPath, [...flags, join(__dirname, `${script}.js`)], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
}

async function main(): Promise<void> {
  const [streams = 500, seconds = 6, rounds = 3] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  try {
    const reference = Reference.build(folder);
    const runs: Awaited<ReturnType<typeof pacing>>[] = [];
    const ratios: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < rounds; round++) {
      runs.push(await pacing(streams, seconds, reference));
      const c = await reference?.run('duplex', seconds, streams);
      const ours = await duplex(streams, seconds);
      if (!c) continue;
      ratios.push(ours.cpuUsPerPacket / c.cpuUsPerPacket);
      cpu.push(c.cpuUsPerPacket);
      console.log(
        `${streams} duplex sessions: ${ours.cpuUsPerPacket.toFixed(1)} µs per packet, ` +
          `${ratios[ratios.length - 1].toFixed(2)} × C`,
      );
    }
    const medianOf = (kind: Load): Pacing => ({
      streams,
      p99IpjMs: median(runs.map((run) => run[kind].p99IpjMs)),
      lost: runs.reduce((sum, run) => sum + run[kind].lost, 0),
      referenceP99IpjMs: reference ? median(runs.map((run) => run[kind].referenceP99IpjMs ?? NaN)) : null,
    });
    const idle = medianOf('idle');
    const referenceP99 = idle.referenceP99IpjMs;
    const result = {
      valid: referenceP99 !== null && referenceP99 <= INVALID_P99_MS,
      reference: {
        kind: reference ? 'c' : null,
        p99IpjMs: referenceP99,
        // A call sends and receives 50 packets a second.
        cpuUsPerCall: reference ? (median(cpu) * 1000) / PTIME_MS : null,
      },
      idle,
      busy: medianOf('busy'),
      blocked: medianOf('blocked'),
      drift60s: await drift(streams),
      ...(await capacities(seconds)),
      cpuRatio: reference ? median(ratios) : null,
      srtpUsPerPacket: figuresOf('srtp').srtpUsPerPacket ?? null,
      allocatedBytesPerPacket: figuresOf('allocation', COUNT_HEAP),
      ...figuresOf('conversion'),
    };
    console.log(JSON.stringify(result, rounded));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
