import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WorkerMediaEngine } from '../../lib/media/engine';
import type { MediaParameters, MediaPort, MediaSession, MediaStatistics } from '../../lib/media';
import type { SinkResult } from './sink';

export const PTIME_MS = 20;
const WARM_UP_MS = 1500;
const RANGE = { address: '127.0.0.1', portMin: 20000, portMax: 39999 };

/** What the main thread does meanwhile: nothing, 10 ms in 50, or 200 ms in one piece. */
export type Load = 'idle' | 'busy' | 'blocked';

export async function loadMain(kind: Load, ms: number): Promise<void> {
  const until = performance.now() + ms;
  const [burnMs, restMs] = { idle: [0, 50], busy: [10, 40], blocked: [200, 50] }[kind];
  while (performance.now() < until) {
    const burnUntil = performance.now() + burnMs;
    while (performance.now() < burnUntil);
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
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

/** Receives in a thread of its own and measures the spacing of packets. */
export class Sink {
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

/** One worker that sends to a sink, warmed up. */
export async function sendersTo(
  sink: Sink,
): Promise<{ sessions: MediaSession[]; close(): Promise<MediaStatistics[]> }> {
  const engine = new WorkerMediaEngine({ workers: 1 });
  const sessions: MediaSession[] = [];
  for (const port of sink.ports) sessions.push((await engine.reserve(RANGE)).open(parameters(port)));
  await loadMain('idle', WARM_UP_MS);
  return {
    sessions,
    async close() {
      const statistics = await Promise.all(sessions.map((session) => session.close()));
      await engine.close();
      return statistics;
    },
  };
}

export interface DuplexResult {
  streams: number;
  cpuUsPerPacket: number;
  /** Of one core. */
  cpuShare: number;
  lost: number;
  skippedTicks: number;
  meanJitterMs: number;
  maxLagMs: number;
}

/** Sessions of one worker that talk to each other in pairs. */
export async function duplex(streams: number, seconds: number): Promise<DuplexResult> {
  const engine = new WorkerMediaEngine({ workers: 1 });
  const ports: MediaPort[] = [];
  for (let index = 0; index < streams; index++) ports.push(await engine.reserve(RANGE));
  const sessions = ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort)));
  await loadMain('idle', WARM_UP_MS);
  const all = (): Promise<MediaStatistics[]> => Promise.all(sessions.map((session) => session.statistics()));
  const first = await all();
  const before = process.cpuUsage();
  const started = performance.now();
  await loadMain('idle', seconds * 1000);
  const cpu = process.cpuUsage(before);
  const wallMs = performance.now() - started;
  const last = await all();
  await Promise.all(sessions.map((session) => session.close()));
  await engine.close();
  const during = (pick: (figures: MediaStatistics) => number): number =>
    total(last, pick) - total(first, pick);
  const cpuUs = cpu.user + cpu.system;
  return {
    streams,
    cpuUsPerPacket: cpuUs / during(({ sent }) => sent.packets),
    cpuShare: cpuUs / 1000 / wallMs,
    lost: during(({ received }) => received.lost),
    skippedTicks: during(({ skippedTicks }) => skippedTicks),
    meanJitterMs: total(last, ({ received }) => received.jitterMs) / streams,
    maxLagMs: Math.max(...last.map(({ maxLagMs }) => maxLagMs)),
  };
}

export function total(statistics: MediaStatistics[], pick: (figures: MediaStatistics) => number): number {
  return statistics.reduce((sum, figures) => sum + pick(figures), 0);
}
