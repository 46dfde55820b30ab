import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createMediaEngine,
  type MediaEngine,
  type MediaParameters,
  type MediaPort,
  type MediaSession,
  type MediaStatistics,
} from '../../../../lib/media';

/** Below what systems hand out by themselves; pairs in use by other programs are skipped. */
export const RANGE = { address: '127.0.0.1', portMin: 22000, portMax: 27999 };

/** A small range of its own for a test that needs all of it, whoever else runs the same test beside it. */
export function smallRange(pairs: number): { address: string; portMin: number; portMax: number } {
  const portMin = 28000 + 2 * Math.floor(Math.random() * (2000 - pairs));
  return { address: '127.0.0.1', portMin, portMax: portMin + 2 * pairs - 1 };
}

/** Parameters towards a port of this machine: PCMU, 20 ms, telephone-event 101. */
export function towards(rtpPort: number, changes: Partial<MediaParameters> = {}): MediaParameters {
  return {
    remote: { address: '127.0.0.1', rtpPort, rtcpPort: rtpPort + 1 },
    codec: { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 },
    alternatives: [],
    telephoneEvent: { sendPayloadType: 101, receivePayloadType: 101, clockRate: 8000 },
    ptimeMs: 20,
    direction: 'sendrecv',
    rtcpMux: false,
    ...changes,
  };
}

/** An engine whose workers run already, so that the first test of a suite is not taken for the one that left them. */
export async function runningEngine(options: { workers: number }): Promise<MediaEngine> {
  const engine = createMediaEngine(options);
  const ports = await Promise.all(Array.from({ length: options.workers }, () => engine.reserve(RANGE)));
  await Promise.all(ports.map((port) => port.release()));
  return engine;
}

/** Two sessions of one engine that talk to each other. */
export async function connectedPair(
  engine: MediaEngine,
  changes: Partial<MediaParameters> = {},
): Promise<{ a: MediaSession; b: MediaSession; portA: MediaPort; portB: MediaPort }> {
  const [portA, portB] = await Promise.all([engine.reserve(RANGE), engine.reserve(RANGE)]);
  return {
    portA,
    portB,
    a: portA.open(towards(portB.rtpPort, changes)),
    b: portB.open(towards(portA.rtpPort, changes)),
  };
}

/** Runs with a folder of its own, which is gone afterwards. */
export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-media-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Looks at a session's figures until they are as they should be; the test's time-out is the limit. */
export async function untilFigures(
  session: MediaSession,
  condition: (figures: MediaStatistics) => boolean,
): Promise<MediaStatistics> {
  for (;;) {
    const figures = await session.statistics();
    if (condition(figures)) return figures;
    await delay(10);
  }
}

/**
 * Resolves when what `sender` has sent so far came to `receiver`, and `further` packets of silence behind it: these
 * take as long as what was sent may wait in jitter buffers and bridges.
 *
 * @param sender a session, or the last figures of one that is closed.
 */
export async function caughtUp(
  sender: MediaSession | MediaStatistics,
  receiver: MediaSession,
  further = 0,
): Promise<void> {
  const { sent } = 'sent' in sender ? sender : await sender.statistics();
  await untilFigures(receiver, ({ received }) => received.packets >= sent.packets + further);
}

/**
 * Milliseconds by which a machine that stalled may have made a sound longer or shorter, by what the sessions on its way
 * have counted: deadlines that the sender skipped, and what the receiver had to put in the place of packets that came
 * too late. 0 when nothing was disturbed.
 */
export function disturbedMs(...figures: MediaStatistics[]): number {
  const times = figures.map(({ skippedTicks, received }) => {
    const { concealed = 0, late = 0, restarts = 0 } = received.jitterBuffer ?? {};
    return skippedTicks + concealed + late + restarts;
  });
  return 20 * times.reduce((sum, each) => sum + each, 0);
}

/** Resolves when the session's worker has sent so many more packets: a span of the worker's own time. */
export async function packetTimes(session: MediaSession, count: number): Promise<void> {
  const { sent } = await session.statistics();
  await untilFigures(session, (figures) => figures.sent.packets >= sent.packets + count);
}
