import { segmentBytes, tcpFrame, udpFrame } from './frames';
import type { Item } from './items';
import type { Frame } from './pcap-file';

/** Where the bytes of a stream begin. */
const FIRST_SEQUENCE = 1;

/** Makes frames of items in order, with the numbers of their streams. */
export function framesOf(items: readonly Item[]): Frame[] {
  const next = new Map<string, number>();
  const frames: Frame[] = [];
  for (const { atMs, from, to, stream, payload, length } of items) {
    if (!stream) {
      frames.push({ atMs, ...udpFrame(from, to, payload, length) });
      continue;
    }
    const way = wayOf({ from, to });
    const acknowledged = next.get(wayOf({ from: to, to: from })) ?? FIRST_SEQUENCE;
    const room = segmentBytes(from);
    for (let start = 0; start < payload.length; start += room) {
      const sequence = next.get(way) ?? FIRST_SEQUENCE;
      const part = payload.subarray(start, start + room);
      const push = start + room >= payload.length;
      frames.push({ atMs, ...tcpFrame(from, to, part, { sequence, acknowledged, push }) });
      next.set(way, (sequence + part.length) % 2 ** 32);
    }
  }
  return frames;
}

/** Names one direction between two ends. */
export function wayOf({ from, to }: Pick<Item, 'from' | 'to'>): string {
  return `${from.address.join('.')} ${from.port} ${to.address.join('.')} ${to.port}`;
}
