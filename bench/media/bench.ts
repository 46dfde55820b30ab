/**
 * `npm run bench:media [-- [streams] [seconds] [rounds]]`: what the media engine does, against a C program built
 * at run time and run in turn with it. Prints progress, then one JSON object as its last line. A run whose
 * reference has a p99 above 2 ms says more about the machine's other work than about us: `valid` is false.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reference } from './reference';
import type { SinkResult } from './sink';
import { duplex, loadMain, PTIME_MS, sendersTo, Sink, type Load } from './streams';

const INVALID_P99_MS = 2;
/** Capacity is the largest number without loss, with fewer skipped deadlines than this share, and a lag below 5 ms. */
const MAX_SKIPPED_SHARE = 0.0001;
const MAX_P99_MS = 5;
const CAPACITY_STEPS = [250, 500, 1000, 1500, 2000, 3000];
const DRIFT_SECONDS = 60;

interface Pacing {
  streams: number;
  p99IpjMs: number;
  lost: number;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

/** Spacing of packets under each load, the reference first. */
async function pacing(
  streams: number,
  seconds: number,
  reference: Reference | undefined,
): Promise<{ reference: SinkResult | undefined; loads: Record<Load, Pacing> }> {
  const sink = await Sink.open(streams);
  const c = reference && (await sink.measure(() => reference.run('pace', seconds, ...sink.ports)));
  const senders = await sendersTo(sink);
  const results: Partial<Record<Load, Pacing>> = {};
  for (const kind of ['idle', 'busy', 'blocked'] as const) {
    const figures = await sink.measure(() => loadMain(kind, seconds * 1000));
    results[kind] = { streams, p99IpjMs: figures.p99, lost: figures.lost };
    console.log(`${streams} streams, main ${kind}: p99 ${figures.p99.toFixed(2)} ms, lost ${figures.lost}`);
  }
  console.log(`${streams} streams, reference: p99 ${c ? c.p99.toFixed(2) : '?'} ms`);
  await senders.close();
  await sink.close();
  return { reference: c, loads: results as Record<Load, Pacing> };
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

async function capacity(seconds: number): Promise<unknown> {
  let best = { streams: 0, p99IpjMs: 0, limitedBy: 'nothing measured' };
  for (const streams of CAPACITY_STEPS) {
    const result = await duplex(streams, seconds);
    const skippedShare = result.skippedTicks / (streams * ((seconds * 1000) / PTIME_MS));
    console.log(
      `${streams} duplex sessions: ${(100 * result.cpuShare).toFixed(0)} % of a core, ${result.lost} lost, ` +
        `${result.skippedTicks} skipped, jitter ${result.meanJitterMs.toFixed(2)} ms`,
    );
    const limitedBy =
      result.lost > 0
        ? 'loss'
        : skippedShare > MAX_SKIPPED_SHARE
          ? `skipped deadlines at ${Math.round(100 * result.cpuShare)} % of a core`
          : result.meanJitterMs > MAX_P99_MS
            ? 'jitter'
            : undefined;
    if (limitedBy) return { ...best, limitedBy: `${limitedBy} with ${streams}` };
    best = { streams, p99IpjMs: result.meanJitterMs, limitedBy: 'the largest number tried' };
  }
  return best;
}

/** Runs a script of its own and reads the JSON of its last line. */
function figuresOf(script: string): Record<string, unknown> {
  const { stdout } = spawnSync(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), join(__dirname, script)],
    { encoding: 'utf8', maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
}

async function main(): Promise<void> {
  const [streams = 500, seconds = 8, rounds = 3] = process.argv.slice(2).map(Number);
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
      p99IpjMs: median(runs.map(({ loads }) => loads[kind].p99IpjMs)),
      lost: runs.reduce((sum, { loads }) => sum + loads[kind].lost, 0),
    });
    const referenceP99 = reference ? median(runs.map((run) => run.reference?.p99 ?? NaN)) : null;
    const result = {
      valid: referenceP99 !== null && referenceP99 <= INVALID_P99_MS,
      reference: {
        kind: reference ? 'c' : null,
        p99IpjMs: referenceP99,
        // A call sends and receives 50 packets a second.
        cpuUsPerCall: reference ? (median(cpu) * 1000) / PTIME_MS : null,
      },
      idle: medianOf('idle'),
      busy: medianOf('busy'),
      blocked: medianOf('blocked'),
      drift60s: await drift(streams),
      capacity: await capacity(seconds),
      cpuRatio: reference ? median(ratios) : null,
      srtpUsPerPacket: figuresOf('srtp.ts').srtpUsPerPacket ?? null,
      ...figuresOf('conversion.ts'),
    };
    console.log(JSON.stringify(result, rounded));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
