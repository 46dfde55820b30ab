import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WorkerMediaEngine } from '../../lib/media/engine';
import type { MediaParameters, MediaPort } from '../../lib/media';
import type { SinkResult } from './sink';

/**
 * Streams against inter-packet jitter, with the main thread idle, busy 10 ms in 50, and blocked for 200 ms.
 * Usage: node --import tsx bench/media/bench.ts [streams,…] [seconds]
 */
const PTIME_MS = 20;
const RANGE = { address: '127.0.0.1', portMin: 20000, portMax: 39999 };

type Load = 'idle' | 'busy' | 'blocked';

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

/** One-way streams to a sink in another thread: the pacing as a peer sees it. */
async function pacing(streams: number, seconds: number): Promise<void> {
  const sink = new Worker(join(__dirname, 'sink.ts'), {
    execArgv: ['--require', require.resolve('tsx/cjs')],
    workerData: { streams, ptimeMs: PTIME_MS },
  });
  const [ports] = (await once(sink, 'message')) as [number[]];
  const engine = new WorkerMediaEngine({ workers: 1 });
  const sessions = [];
  for (const port of ports) sessions.push((await engine.reserve(RANGE)).open(parameters(port)));
  await loadMain('idle', 1000);
  for (const kind of ['idle', 'busy', 'blocked'] as const) {
    sink.postMessage('start');
    const started = performance.now();
    await loadMain(kind, seconds * 1000);
    const expected = (performance.now() - started) / PTIME_MS;
    sink.postMessage('stop');
    const [figures] = (await once(sink, 'message')) as [SinkResult];
    print(`${streams} streams, main ${kind}`, figures, expected * streams);
  }
  const statistics = await Promise.all(sessions.map((session) => session.close()));
  const skipped = statistics.reduce((sum, { skippedTicks }) => sum + skippedTicks, 0);
  const lag = Math.max(...statistics.map(({ maxLagMs }) => maxLagMs));
  console.log(`${streams} streams: ${skipped} skipped ticks, largest lag ${lag.toFixed(1)} ms`);
  sink.postMessage('end');
  await once(sink, 'exit');
  await engine.close();
}

/** Duplex sessions in one worker: how much of a core they take, and whether anything is lost. */
async function duplex(streams: number, seconds: number): Promise<void> {
  const engine = new WorkerMediaEngine({ workers: 1 });
  const ports: MediaPort[] = [];
  for (let index = 0; index < streams; index++) ports.push(await engine.reserve(RANGE));
  const sessions = ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort)));
  await loadMain('idle', 1500);
  const before = process.cpuUsage();
  const started = performance.now();
  await loadMain('idle', seconds * 1000);
  const cpu = process.cpuUsage(before);
  const wallMs = performance.now() - started;
  const statistics = await Promise.all(sessions.map((session) => session.close()));
  await engine.close();
  const sum = (pick: (figures: (typeof statistics)[number]) => number): number =>
    statistics.reduce((total, figures) => total + pick(figures), 0);
  const share = ((cpu.user + cpu.system) / 1000 / wallMs) * 100;
  console.log(
    `${streams} duplex sessions: ${share.toFixed(0)} % of a core, ` +
      `${sum((figures) => figures.received.lost)} lost, ${sum((figures) => figures.skippedTicks)} skipped, ` +
      `mean jitter ${(sum((figures) => figures.received.jitterMs) / streams).toFixed(2)} ms, ` +
      `largest lag ${Math.max(...statistics.map(({ maxLagMs }) => maxLagMs)).toFixed(1)} ms`,
  );
}

function print(title: string, figures: SinkResult, expected: number): void {
  const share = ((figures.packets / expected) * 100).toFixed(2);
  console.log(
    `${title}: jitter p50 ${figures.p50.toFixed(2)} p99 ${figures.p99.toFixed(2)} max ${figures.max.toFixed(1)} ms, ` +
      `lost ${figures.lost}, ${share} % of the packets, ${figures.fewest}–${figures.most} per stream`,
  );
}

async function main(): Promise<void> {
  const counts = (process.argv[2] ?? '100,500').split(',').map(Number);
  const seconds = Number(process.argv[3] ?? 8);
  for (const streams of counts) await pacing(streams, seconds);
  for (const streams of counts) await duplex(streams * 2, seconds);
}

void main();
