import type { JitterBuffer, PullOutcome, RtpFields } from '../../../lib/media/jitter-buffer';

export const PACKET_MS = 20;
const UNITS_PER_MS = 8;

/** A packet of 20 ms of audio at 8 kHz whose payload tells its number. */
export interface TestPacket extends RtpFields {
  bytes: Buffer;
  durationUnits: number;
}

/** Packet `index` of a stream: sequence and timestamp run on from their start values. */
export function packet(index: number, changes: Partial<TestPacket> = {}): TestPacket {
  const bytes = Buffer.alloc(12 + 160);
  bytes.writeInt32BE(index, 12);
  return {
    ssrc: 7,
    sequence: (1000 + index) & 0xffff,
    timestamp: (50000 + index * PACKET_MS * UNITS_PER_MS) >>> 0,
    marker: false,
    payloadType: 0,
    payloadOffset: 12,
    payloadLength: 160,
    bytes,
    durationUnits: PACKET_MS * UNITS_PER_MS,
    ...changes,
  };
}

export interface Arrival {
  atMs: number;
  packet: TestPacket;
}

/** What was heard: a packet's number, or what filled its time. */
export type Heard = number | 'conceal' | 'silence';

/**
 * Lets packets arrive and pulls every `tickMs`; returns what was pulled with the tick's time. The tick sees
 * what arrived up to and including its time.
 */
export function play(
  buffer: JitterBuffer,
  arrivals: Arrival[],
  untilMs: number,
  tickMs = PACKET_MS,
): { atMs: number; heard: Heard }[] {
  const heard: { atMs: number; heard: Heard }[] = [];
  const sorted = [...arrivals].sort((a, b) => a.atMs - b.atMs);
  let next = 0;
  for (let now = 0; now <= untilMs; now += tickMs) {
    while (next < sorted.length && sorted[next].atMs <= now) {
      const { packet: arriving, atMs } = sorted[next++];
      buffer.put(arriving.bytes, arriving, arriving.durationUnits, atMs);
    }
    let outcome: PullOutcome;
    while ((outcome = buffer.pull(now)) !== 'none') {
      heard.push({ atMs: now, heard: outcome === 'packet' ? number(buffer) : outcome });
    }
  }
  return heard;
}

/** The number that `packet` put into the payload that was pulled last. */
export function number(buffer: JitterBuffer): number {
  const { bytes, offset } = buffer.current;
  return (bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3];
}

/** Packets `from` up to before `to`, each arriving `delay(index)` ms after it was sent. */
export function stream(from: number, to: number, delay: (index: number) => number): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let i = from; i < to; i++) arrivals.push({ atMs: i * PACKET_MS + delay(i), packet: packet(i) });
  return arrivals;
}

/** A small generator with a fixed seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}
