/**
 * The media benchmark: `npx tsx bench/media/bench.ts [streams,…] [seconds] [rounds]`. Prints one JSON object as
 * its last line.
 *
 * `pacing`: inter-packet jitter of one worker's streams as another thread receives them, with the main thread
 * idle, busy 10 ms in 50, and blocked for 200 ms; `reference` is the same from a C program.
 * `duplex`: CPU time per packet sent and received, and its ratio to a C program with sendto and epoll.
 * Rounds are interleaved with the reference; a round whose reference has a p99 above 2 ms says more about
 * the machine's other work than about us, and is marked invalid.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WorkerMediaEngine } from '../../lib/media/engine';
import type { MediaParameters, MediaPort, MediaStatistics } from '../../lib/media';
import type { SinkResult } from './sink';

const PTIME_MS = 20;
const WARM_UP_MS = 1500;
const INVALID_P99_MS = 2;
const RANGE = { address: '127.0.0.1', portMin: 20000, portMax: 39999 };

type Load = 'idle' | 'busy' | 'blocked';

interface ReferenceResult {
  sent: number;
  cpuUsPerPacket: number;
}

function parameters(port: number): MediaParameters {
  return {
    remote: { address: '127.0.0.1', rtpPort: port, rtcpPort: port + 1 },
    codec: { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 },
    alternatives: [],
    ptimeMs: PTIME_MS,
    direction: 'sendrecv',
    rtcpMux: true,
    rtpTimeoutMs: 0,
  };
}

async function loadMain(kind: Load, ms: number): Promise<void> {
  const until = performance.now() + ms;
  const [burnMs, restMs] = { idle: [0, 50], busy: [10, 40], blocked: [200, 50] }[kind];
  while (performance.now() < until) {
    const burnUntil = performance.now() + burnMs;
    while (performance.now() < burnUntil);
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

/** Receives in a thread of its own; what it measures is posted on `stop`. */
class Sink {
  private constructor(
    private readonly worker: Worker,
    readonly ports: number[],
  ) {}

  static async open(streams: number): Promise<Sink> {
    const worker = new Worker(join(__dirname, 'sink.ts'), {
      execArgv: ['--require', require.resolve('tsx/cjs')],
      workerData: { streams, ptimeMs: PTIME_MS },
    });
    const [ports] = (await once(worker, 'message')) as [number[]];
    return new Sink(worker, ports);
  }

  async measure(run: () => Promise<unknown>): Promise<SinkResult> {
    this.worker.postMessage('start');
    await run();
    this.worker.postMessage('stop');
    const [figures] = (await once(this.worker, 'message')) as [SinkResult];
    return figures;
  }

  async close(): Promise<void> {
    this.worker.postMessage('end');
    await once(this.worker, 'exit');
  }
}

/** The C program, or nothing where no compiler is. */
class Reference {
  private constructor(private readonly program: string) {}

  static build(folder: string): Reference | undefined {
    const program = join(folder, 'reference');
    const { status } = spawnSync('cc', ['-O2', '-o', program, join(__dirname, 'reference.c')]);
    return status === 0 ? new Reference(program) : undefined;
  }

  async run(mode: 'pace' | 'duplex', seconds: number, ...rest: number[]): Promise<ReferenceResult> {
    const child = spawn(this.program, [mode, String(seconds), ...rest.map(String)]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    return JSON.parse(output) as ReferenceResult;
  }
}

async function pacing(streams: number, seconds: number, reference: Reference | undefined): Promise<unknown> {
  const sink = await Sink.open(streams);
  const c = reference && (await sink.measure(() => reference.run('pace', seconds, ...sink.ports)));
  const engine = new WorkerMediaEngine({ workers: 1 });
  const sessions = [];
  for (const port of sink.ports) sessions.push((await engine.reserve(RANGE)).open(parameters(port)));
  await loadMain('idle', WARM_UP_MS);
  const results: Partial<Record<Load, unknown>> = {};
  for (const kind of ['idle', 'busy', 'blocked'] as const) {
    const started = performance.now();
    const figures = await sink.measure(() => loadMain(kind, seconds * 1000));
    const expected = ((performance.now() - started) / PTIME_MS) * streams;
    results[kind] = { ...figures, shareOfExpected: round(figures.packets / expected) };
    console.log(`${streams} streams, main ${kind}: p99 ${figures.p99.toFixed(2)} ms, lost ${figures.lost}`);
  }
  const statistics = await Promise.all(sessions.map((session) => session.close()));
  await sink.close();
  await engine.close();
  if (c) console.log(`${streams} streams, reference: p99 ${c.p99.toFixed(2)} ms`);
  return {
    streams,
    valid: c === undefined || c.p99 <= INVALID_P99_MS,
    reference: c,
    ...results,
    skippedTicks: total(statistics, (figures) => figures.skippedTicks),
    maxLagMs: round(Math.max(...statistics.map(({ maxLagMs }) => maxLagMs))),
  };
}

async function duplex(streams: number, seconds: number, reference: Reference | undefined): Promise<unknown> {
  const c = reference && (await reference.run('duplex', seconds, streams));
  const engine = new WorkerMediaEngine({ workers: 1 });
  const ports: MediaPort[] = [];
  for (let index = 0; index < streams; index++) ports.push(await engine.reserve(RANGE));
  const sessions = ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort)));
  await loadMain('idle', WARM_UP_MS);
  const all = (): Promise<MediaStatistics[]> => Promise.all(sessions.map((session) => session.statistics()));
  const sentBefore = total(await all(), ({ sent }) => sent.packets);
  const before = process.cpuUsage();
  const started = performance.now();
  await loadMain('idle', seconds * 1000);
  const cpu = process.cpuUsage(before);
  const wallMs = performance.now() - started;
  const statistics = await all();
  await Promise.all(sessions.map((session) => session.close()));
  await engine.close();
  const cpuUs = cpu.user + cpu.system;
  const perPacket = cpuUs / (total(statistics, ({ sent }) => sent.packets) - sentBefore);
  const result = {
    streams,
    cpuShare: round(cpuUs / 1000 / wallMs),
    cpuUsPerPacket: round(perPacket),
    referenceCpuUsPerPacket: c?.cpuUsPerPacket,
    ratio: c && round(perPacket / c.cpuUsPerPacket),
    lost: total(statistics, ({ received }) => received.lost),
    skippedTicks: total(statistics, ({ skippedTicks }) => skippedTicks),
    meanJitterMs: round(total(statistics, ({ received }) => received.jitterMs) / streams),
    maxLagMs: round(Math.max(...statistics.map(({ maxLagMs }) => maxLagMs))),
  };
  console.log(
    `${streams} duplex sessions: ${result.cpuUsPerPacket} µs per packet, ${result.ratio ?? '?'} × C, ` +
      `${result.skippedTicks} skipped, ${result.lost} lost`,
  );
  return result;
}

function total(statistics: MediaStatistics[], pick: (figures: MediaStatistics) => number): number {
  return statistics.reduce((sum, figures) => sum + pick(figures), 0);
}

function round(value: number): number {
  return Math.round(value * 10000) / 10000;
}

async function main(): Promise<void> {
  const counts = (process.argv[2] ?? '100,500').split(',').map(Number);
  const seconds = Number(process.argv[3] ?? 8);
  const rounds = Number(process.argv[4] ?? 3);
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  const result: { pacing: unknown[]; duplex: unknown[] } = { pacing: [], duplex: [] };
  try {
    const reference = Reference.build(folder);
    for (const streams of counts) {
      for (let turn = 0; turn < rounds; turn++) {
        result.pacing.push(await pacing(streams, seconds, reference));
        result.duplex.push(await duplex(streams, seconds, reference));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(JSON.stringify(result));
}

void main();
