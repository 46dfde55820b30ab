import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const SOCKETS = new Set(['UDPWrap', 'TCPSocketWrap', 'TCPServerWrap', 'TLSWrap']);

/** What a process holds at one moment. */
export interface Footprint {
  heapKb: number;
  /** Open files and sockets; 0 where the system does not tell. */
  descriptors: number;
  timers: number;
  sockets: number;
}

/** Looks after a full collection. Needs `--expose-gc`. */
export async function takeFootprint(): Promise<Footprint> {
  // What the first collection finds to be finalised, the second one frees.
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await delay(20);
  }
  const resources = process.getActiveResourcesInfo();
  return {
    heapKb: Math.round(process.memoryUsage().heapUsed / 1024),
    descriptors: openDescriptors(),
    timers: resources.filter((kind) => kind === 'Timeout').length,
    sockets: resources.filter((kind) => SOCKETS.has(kind)).length,
  };
}

/**
 * Waits until the last timer has run out, but not longer than the limit, and looks then.
 *
 * @param standing timers that run as long as a phone listens, as the pings of WebSockets do
 */
export async function settledFootprint(limitMs: number, standing = 0): Promise<Footprint> {
  const until = performance.now() + limitMs;
  let footprint = await takeFootprint();
  while (footprint.timers > standing && performance.now() < until) {
    await delay(250);
    footprint = await takeFootprint();
  }
  return footprint;
}

function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
