import type { Endpoint } from './endpoints';

/** Ethernet frames with IPv4 (RFC 791) or IPv6 (RFC 8200), and in them UDP (RFC 768) or TCP (RFC 9293). */

export const ETHERNET_BYTES = 14;
export const IPV4_BYTES = 20;
export const IPV6_BYTES = 40;
export const UDP_BYTES = 8;
export const TCP_BYTES = 20;
export const TYPE_IPV4 = 0x0800;
export const TYPE_IPV6 = 0x86dd;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
/** Largest frame of Ethernet without its checksum; longer datagrams are written as one frame all the same. */
const ETHERNET_FRAME = 1514;
/** The length fields of IP have 16 bits. */
const MAX_IP = 0xffff;
const HOPS = 64;
const DONT_FRAGMENT = 0x4000;
const ACK = 0x10;
const PUSH = 0x08;
const WINDOW = 0xffff;

/** A frame without its time. */
export interface BareFrame {
  bytes: Uint8Array;
  /** Bytes that it had when all of its payload were there. */
  length: number;
}

/** Bytes of a stream that fit into one frame. */
export function segmentBytes({ address }: Endpoint): number {
  return ETHERNET_FRAME - ETHERNET_BYTES - ipBytes(address) - TCP_BYTES;
}

/**
 * A datagram.
 *
 * @param length of the whole payload, of which only the beginning may be there
 */
export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array, length: number): BareFrame {
  const room = MAX_IP - ipBytes(from.address) - UDP_BYTES;
  const whole = Math.min(length, room);
  const kept = payload.subarray(0, whole);
  const { bytes, view, start } = headOf(from, to, PROTOCOL_UDP, UDP_BYTES + whole, UDP_BYTES + kept.length);
  view.setUint16(start, from.port);
  view.setUint16(start + 2, to.port);
  view.setUint16(start + 4, UDP_BYTES + whole);
  bytes.set(kept, start + UDP_BYTES);
  // A sum over bytes that are not there cannot be right; zero says that there is none.
  const sum = kept.length < whole ? 0 : checksum(bytes, start, from, to, PROTOCOL_UDP) || 0xffff;
  view.setUint16(start + 6, sum);
  return { bytes, length: start + UDP_BYTES + whole };
}

/** Where a segment belongs in its stream, and what had come in the other direction; both modulo 2³². */
export interface SegmentPlace {
  sequence: number;
  acknowledged: number;
  /** It is the last one of a message. */
  push: boolean;
}

/** A segment of a stream. */
export function tcpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array, place: SegmentPlace): BareFrame {
  const size = TCP_BYTES + payload.length;
  const { bytes, view, start } = headOf(from, to, PROTOCOL_TCP, size, size);
  view.setUint16(start, from.port);
  view.setUint16(start + 2, to.port);
  view.setUint32(start + 4, place.sequence);
  view.setUint32(start + 8, place.acknowledged);
  bytes[start + 12] = (TCP_BYTES / 4) << 4;
  bytes[start + 13] = place.push ? ACK | PUSH : ACK;
  view.setUint16(start + 14, WINDOW);
  bytes.set(payload, start + TCP_BYTES);
  view.setUint16(start + 16, checksum(bytes, start, from, to, PROTOCOL_TCP));
  return { bytes, length: bytes.length };
}

/** A frame with the headers of Ethernet and IP; `start` is where those of the next layer begin. */
function headOf(
  from: Endpoint,
  to: Endpoint,
  protocol: number,
  length: number,
  kept: number,
): { bytes: Uint8Array; view: DataView; start: number } {
  const start = ETHERNET_BYTES + ipBytes(from.address);
  const bytes = new Uint8Array(start + kept);
  const view = new DataView(bytes.buffer);
  writeMac(bytes, 0, to.address);
  writeMac(bytes, 6, from.address);
  if (from.address.length === 4) {
    view.setUint16(12, TYPE_IPV4);
    bytes[14] = 0x45;
    view.setUint16(16, IPV4_BYTES + length);
    view.setUint16(20, DONT_FRAGMENT);
    bytes[22] = HOPS;
    bytes[23] = protocol;
    bytes.set(from.address, 26);
    bytes.set(to.address, 30);
    view.setUint16(24, folded(sumOf(bytes, ETHERNET_BYTES, start)));
  } else {
    view.setUint16(12, TYPE_IPV6);
    bytes[14] = 0x60;
    view.setUint16(18, length);
    bytes[20] = protocol;
    bytes[21] = HOPS;
    bytes.set(from.address, 22);
    bytes.set(to.address, 38);
  }
  return { bytes, view, start };
}

function ipBytes(address: Uint8Array): number {
  return address.length === 4 ? IPV4_BYTES : IPV6_BYTES;
}

/** A made-up hardware address, locally administered, and the same for each address. */
function writeMac(bytes: Uint8Array, place: number, address: Uint8Array): void {
  bytes[place] = 0x02;
  bytes[place + 1] = address.length;
  bytes.set(address.subarray(-4), place + 2);
}

/** The checksum of UDP and TCP, over a part of the IP header too (RFC 9293, 3.1; RFC 8200, 8.1). */
function checksum(bytes: Uint8Array, start: number, from: Endpoint, to: Endpoint, protocol: number): number {
  const addresses = sumOf(from.address, 0, from.address.length) + sumOf(to.address, 0, to.address.length);
  return folded(addresses + protocol + (bytes.length - start) + sumOf(bytes, start, bytes.length));
}

/** Sum of the 16-bit words; a last byte without a second one is the upper one. */
function sumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let index = start; index < end; index += 2) {
    sum += (bytes[index] << 8) | (index + 1 < end ? bytes[index + 1] : 0);
  }
  return sum;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}
