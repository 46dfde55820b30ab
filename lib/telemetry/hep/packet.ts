import { isIPv4 } from 'node:net';
import { hostOf } from '../../evidence';

/** Protocol types of the payload, as collectors number them. */
const PAYLOAD = { sip: 1, rtcp: 5 } as const;
/** Numbers of IP (RFC 790): everything but UDP travels in TCP. */
const UDP = 17;
const TCP = 6;
const IPV4 = 2;
const IPV6 = 10;
/** A packet and its payload have a length of 16 bits. */
const LARGEST_PACKET = 65_535;
/** Head of a chunk: vendor, type, length. */
const HEAD_BYTES = 6;
/** Places of the seconds and microseconds: behind `HEP3`, family, protocol and both ports. */
const SECONDS_AT = 6 + 7 + 7 + 8 + 8 + HEAD_BYTES;
const MICROSECONDS_AT = SECONDS_AT + 4 + HEAD_BYTES;
/** Pairs of addresses whose beginning is kept ready; a phone has a few servers and many peers. */
const MAX_BEGINNINGS = 256;

/** What a collector is to be told of. */
export interface HepEvent {
  kind: keyof typeof PAYLOAD;
  /** Wall-clock milliseconds since the Unix epoch. */
  atMs: number;
  direction: 'in' | 'out';
  /** `udp`, `tcp`, `tls`, … */
  transport: string;
  /** `address:port` of ours and of the peer, IPv6 in brackets. */
  local: string;
  remote: string;
  /** Call-ID, by which a collector joins what belongs together. */
  callId: string;
  payload: Buffer;
}

/**
 * Writes packets of HEP version 3, the encapsulation that Homer and other collectors take. Their chunks stand in the
 * order that sngrep counts on: what it knows first, the addresses, the payload, and then the rest.
 */
export class HepEncoder {
  /** Everything in front of the payload but the time, by direction, kind, transport and addresses. */
  readonly #beginnings = new Map<string, Buffer>();
  readonly #name: Buffer;

  /**
   * @param name of the phone, for people (chunk 19); at most 64 characters are used
   * @param captureId number of the sender, 32 bits (chunk 12)
   */
  constructor(
    name: string,
    private readonly captureId = 1,
  ) {
    this.#name = Buffer.from(name.slice(0, 64));
  }

  /** The packet; undefined for a payload that is too large for one. */
  encode(event: HepEvent): Buffer | undefined {
    const beginning = this.#beginning(event);
    const { payload, callId, atMs } = event;
    const callIdBytes = Buffer.byteLength(callId, 'latin1');
    const length = beginning.length + 3 * HEAD_BYTES + payload.length + callIdBytes + this.#name.length;
    if (length > LARGEST_PACKET) return undefined;
    const packet = Buffer.allocUnsafe(length);
    packet.set(beginning);
    packet.writeUInt16BE(length, 4);
    const seconds = Math.floor(atMs / 1000);
    packet.writeUInt32BE(seconds >>> 0, SECONDS_AT);
    packet.writeUInt32BE(Math.floor((atMs - seconds * 1000) * 1000), MICROSECONDS_AT);
    let place = writeHead(packet, beginning.length, 0x0f, payload.length);
    packet.set(payload, place);
    place = writeHead(packet, place + payload.length, 0x11, callIdBytes);
    packet.write(callId, place, 'latin1');
    place = writeHead(packet, place + callIdBytes, 0x13, this.#name.length);
    packet.set(this.#name, place);
    return packet;
  }

  #beginning(event: HepEvent): Buffer {
    const { direction, kind, transport, local, remote } = event;
    const key = `${direction} ${kind} ${transport} ${local} ${remote}`;
    const known = this.#beginnings.get(key);
    if (known) return known;
    if (this.#beginnings.size >= MAX_BEGINNINGS) this.#beginnings.clear();
    const made = beginningOf(event, this.captureId);
    this.#beginnings.set(key, made);
    return made;
  }
}

function beginningOf({ direction, kind, transport, local, remote }: HepEvent, captureId: number): Buffer {
  const [source, destination] = direction === 'out' ? [local, remote] : [remote, local];
  const addresses = addressPair(hostOf(source), hostOf(destination));
  const version4 = addresses[0].length === 4;
  return Buffer.concat([
    Buffer.from('HEP3\0\0', 'latin1'),
    chunk(0x01, [version4 ? IPV4 : IPV6]),
    chunk(0x02, [transport.toLowerCase() === 'udp' ? UDP : TCP]),
    chunk(0x07, uint16(portOf(source))),
    chunk(0x08, uint16(portOf(destination))),
    chunk(0x09, uint32(0)),
    chunk(0x0a, uint32(0)),
    chunk(0x0b, [PAYLOAD[kind]]),
    chunk(0x0c, uint32(captureId)),
    chunk(version4 ? 0x03 : 0x05, addresses[0]),
    chunk(version4 ? 0x04 : 0x06, addresses[1]),
  ]);
}

/** Both addresses as bytes of one family: IPv4, unless one of them is none. */
function addressPair(source: string, destination: string): [Uint8Array, Uint8Array] {
  const [a, b] = [ipv4Of(source), ipv4Of(destination)];
  if (a && b) return [a, b];
  return [ipv6Of(source), ipv6Of(destination)];
}

function ipv4Of(address: string): Uint8Array | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv4(plain) ? Uint8Array.from(plain.split('.'), Number) : undefined;
}

/** The 16 bytes of an address, IPv4 as a mapped one; zeros for what is no address. */
function ipv6Of(address: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const mapped = ipv4Of(address);
  if (mapped) {
    bytes.set([0xff, 0xff, ...mapped], 10);
    return bytes;
  }
  const [left, right] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string | undefined): number[] =>
    text ? text.split(':').map((group) => parseInt(group, 16) & 0xffff) : [];
  const [first, last] = [groups(left), groups(right)];
  const write = (group: number, index: number): void => {
    if (index >= 0 && index < 8) bytes.set([group >> 8, group & 0xff], 2 * index);
  };
  first.forEach((group, index) => write(group, index));
  last.forEach((group, index) => write(group, 8 - last.length + index));
  return bytes;
}

function portOf(address: string): number {
  const port = Number(address.slice(address.lastIndexOf(':') + 1));
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0;
}

function chunk(type: number, content: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + content.length);
  writeHead(bytes, 0, type, content.length);
  bytes.set(content, HEAD_BYTES);
  return bytes;
}

/** Writes the head of a generic chunk (vendor 0) and returns the place of its content. */
function writeHead(packet: Buffer, place: number, type: number, length: number): number {
  packet.writeUInt16BE(0, place);
  packet.writeUInt16BE(type, place + 2);
  packet.writeUInt16BE(HEAD_BYTES + length, place + 4);
  return place + HEAD_BYTES;
}

function uint16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function uint32(value: number): number[] {
  return [...uint16(value >>> 16), ...uint16(value & 0xffff)];
}
