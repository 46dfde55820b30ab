import {
  ETHERNET_BYTES,
  IPV4_BYTES,
  IPV6_BYTES,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TYPE_IPV4,
  TYPE_IPV6,
  UDP_BYTES,
} from './frames';
import { wayOf } from './framing';
import type { Item } from './items';
import { latin1Of } from './latin1';
import type { Frame } from './pcap-file';

/** What a SIP message begins with. */
const SIP = /^(?:SIP\/2\.0 \d{3} |[A-Z]{1,20} \S{1,2000} SIP\/2\.0\r)/;
const SEARCHED = 2100;

/**
 * One list of several, in order of time. Two phones of one call have both seen what they sent each other: it is there as
 * often as the one that has seen it most often.
 */
export function joined(lists: readonly (readonly Item[])[]): Item[] {
  if (lists.length === 1) return [...lists[0]];
  const all = lists.flatMap((items, list) => items.map((item) => ({ item, list })));
  all.sort((a, b) => a.item.atMs - b.item.atMs);
  const seen = new Map<string, { kept: number; counts: number[] }>();
  return all
    .filter(({ item, list }) => {
      const key = keyOf(item);
      let sightings = seen.get(key);
      if (!sightings) seen.set(key, (sightings = { kept: 0, counts: lists.map(() => 0) }));
      sightings.counts[list] += 1;
      if (sightings.counts[list] <= sightings.kept) return false;
      sightings.kept += 1;
      return true;
    })
    .map(({ item }) => item);
}

/** The same for what was sent and what came; a NAT or a connection's own port may change the addresses of SIP. */
function keyOf(item: Item): string {
  const text = latin1Of(item.payload);
  return item.stream || SIP.test(text.slice(0, SEARCHED)) ? text : `${wayOf(item)}\n${text}`;
}

/** The payload of a frame, of those kinds that are written here; undefined for any other one. */
export function itemOf({ atMs, bytes, length }: Frame): Item | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES) return undefined;
  const type = view.getUint16(12);
  if (type !== TYPE_IPV4 && type !== TYPE_IPV6) return undefined;
  const isFour = type === TYPE_IPV4;
  const protocol = bytes[isFour ? 23 : 20];
  const start = ETHERNET_BYTES + (isFour ? 4 * (bytes[14] & 0x0f) : IPV6_BYTES);
  if (start + UDP_BYTES > bytes.length) return undefined;
  if (protocol !== PROTOCOL_UDP && protocol !== PROTOCOL_TCP) return undefined;
  const stream = protocol === PROTOCOL_TCP;
  const payloadStart = start + (stream ? 4 * ((bytes[start + 12] ?? 0x50) >> 4) : UDP_BYTES);
  if (payloadStart > bytes.length || (stream && payloadStart === bytes.length)) return undefined;
  const [from, to] = isFour ? [26, 30] : [22, 38];
  const size = isFour ? 4 : 16;
  return {
    atMs,
    from: { address: bytes.slice(from, from + size), port: view.getUint16(start) },
    to: { address: bytes.slice(to, to + size), port: view.getUint16(start + 2) },
    stream,
    payload: bytes.subarray(payloadStart),
    length: Math.max(bytes.length, length) - payloadStart,
  };
}
