import { pbkdf2 } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkerMediaEngine } from '../../lib/media/engine';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../lib/audio/wav-writer';
import type { MediaParameters, MediaPort, MediaSession, MediaStatistics, Recording } from '../../lib/media';
import { openSink, type Sink } from './sinks';

export const PTIME_MS = 20;
/** Warm-up until V8 has compiled the hot code and the jitter buffers have settled: the steady state is judged. */
export const WARM_UP_MS = 2000;
export const RANGE = { address: '127.0.0.1', portMin: 20000, portMax: 39999 };

const KEY = `inline:${Buffer.alloc(30, 7).toString('base64')}`;
/** One for each slot of a packet time: streams to a sink that show how evenly the loaded worker sends. */
export const PROBES = 20;
/** Twice as many as libuv has threads by default. */
const POOL_JOBS = 8;

/** Load of the main thread meanwhile: none, 10 ms in 50, or 200 ms in one piece. */
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

export function parameters(port: number, { srtp, capture }: DuplexOptions = {}): MediaParameters {
  return {
    remote: { address: '127.0.0.1', rtpPort: port, rtcpPort: port + 1 },
    codec: { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 },
    alternatives: [],
    ptimeMs: PTIME_MS,
    direction: 'sendrecv',
    rtcpMux: true,
    rtpTimeoutMs: 0,
    ...(capture && { capture }),
    ...(srtp && { srtp: { suite: 'AES_CM_128_HMAC_SHA1_80', sendKey: KEY, receiveKey: KEY } }),
  };
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

/** Work of the sessions beside sending and receiving. */
export interface DuplexOptions {
  srtp?: boolean;
  /** Packets that the sessions keep. */
  capture?: MediaParameters['capture'];
  /** Each session plays a file and records both directions. */
  files?: boolean;
  /** libuv's thread pool has more to compute than it can all the time. */
  poolBusy?: boolean;
}

export interface DuplexResult {
  streams: number;
  cpuUsPerPacket: number;
  /** CPU of the whole process with its instruments, as a share of one core. */
  cpuShare: number;
  lost: number;
  skippedTicks: number;
  /** 99th percentile of the interpacket jitter of the streams that the same worker sends to a sink. */
  p99IpjMs: number;
  maxLagMs: number;
  rssMb: number;
  /** Write rate of the recordings. */
  diskMbPerSecond: number;
  /** Recorded audio that the disk was too slow for. */
  recordingLostMs: number;
}

/** Sessions of one worker that talk to each other in pairs; `probe` adds a few that talk to a sink. */
export async function duplex(
  streams: number,
  seconds: number,
  options: DuplexOptions = {},
  probe = false,
): Promise<DuplexResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  const engine = new WorkerMediaEngine({ workers: 1 });
  const sink = probe ? await openSink(PROBES, PTIME_MS) : undefined;
  const ports: MediaPort[] = [];
  for (let index = 0; index < streams; index++) ports.push(await engine.reserve(RANGE));
  const sessions = ports.map((port, index) => port.open(parameters(ports[index ^ 1].rtpPort, options)));
  for (const port of sink?.ports ?? []) sessions.push((await engine.reserve(RANGE)).open(parameters(port)));
  const began = performance.now();
  const recordings = options.files ? playAndRecord(sessions, folder) : [];
  const pool = options.poolBusy ? saturatePool() : undefined;
  await loadMain('idle', WARM_UP_MS);
  const all = (): Promise<MediaStatistics[]> => Promise.all(sessions.map((session) => session.statistics()));
  const first = await all();
  const before = process.cpuUsage();
  const started = performance.now();
  const measured = (): Promise<void> => loadMain('idle', seconds * 1000);
  const figures = await (sink ? sink.measure(measured) : measured());
  const cpu = process.cpuUsage(before);
  const wallMs = performance.now() - started;
  const last = await all();
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  pool?.();
  const recordedS = (performance.now() - began) / 1000;
  await Promise.all(sessions.map((session) => session.close()));
  const files = await Promise.all(recordings.map(({ finished }) => finished));
  await engine.close();
  await sink?.close();
  rmSync(folder, { recursive: true, force: true });
  const during = (pick: (figures: MediaStatistics) => number): number =>
    total(last, pick) - total(first, pick);
  const cpuUs = cpu.user + cpu.system;
  return {
    streams,
    cpuUsPerPacket: cpuUs / during(({ sent }) => sent.packets),
    cpuShare: cpuUs / 1000 / wallMs,
    lost: during(({ received }) => received.lost) + (figures?.lost ?? 0),
    skippedTicks: during(({ skippedTicks }) => skippedTicks),
    p99IpjMs: figures?.p99 ?? NaN,
    maxLagMs: Math.max(...last.map(({ maxLagMs }) => maxLagMs)),
    rssMb,
    diskMbPerSecond: files.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20 / recordedS,
    recordingLostMs: files.reduce((sum, { lostMs = 0 }) => sum + lostMs, 0),
  };
}

/** All sessions play one prompt, which is longer than its prefetch, and record into files of their own. */
function playAndRecord(sessions: MediaSession[], folder: string): Recording[] {
  const rate = 8000;
  const samples = Int16Array.from({ length: 10 * rate }, (_, index) => 8000 * Math.sin(index * 0.2));
  const header = new Uint8Array(WAV_HEADER_BYTES);
  writeWavHeader(header, { sampleRate: rate, channels: 1 }, samples.byteLength);
  const prompt = join(folder, 'prompt.wav');
  writeFileSync(prompt, Buffer.concat([header, Buffer.from(samples.buffer)]));
  return sessions.map((session, index) => {
    session.play({ source: prompt, loop: true });
    return session.record({ file: join(folder, `${index}.wav`), channels: 'stereo' });
  });
}

/** Keeps every thread of libuv's pool at work; returns the function that ends it. */
export function saturatePool(): () => void {
  let running = true;
  const next = (): void => {
    if (running) pbkdf2('password', 'salt', 200_000, 64, 'sha512', next);
  };
  for (let job = 0; job < POOL_JOBS; job++) next();
  return () => (running = false);
}

export function total(statistics: MediaStatistics[], pick: (figures: MediaStatistics) => number): number {
  return statistics.reduce((sum, figures) => sum + pick(figures), 0);
}
