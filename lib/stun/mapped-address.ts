import { isIP } from 'node:net';
import { ATTRIBUTES, findAttribute, MAGIC_COOKIE, type StunMessage } from './message';

/** Mapped address: our address as a peer sees it. */
export interface MappedAddress {
  address: string;
  family: 4 | 6;
  port: number;
}

/**
 * The address in a binding response: XOR-MAPPED-ADDRESS, else the plain MAPPED-ADDRESS of old servers.
 * Undefined when there is none that makes sense.
 */
export function readMappedAddress(message: StunMessage): MappedAddress | undefined {
  const xored = findAttribute(message, ATTRIBUTES.xorMappedAddress);
  if (xored) return readAddress(xored, maskFor(message.transactionId));
  const plain = findAttribute(message, ATTRIBUTES.mappedAddress);
  return plain && readAddress(plain, NO_MASK);
}

/** Value of XOR-MAPPED-ADDRESS (RFC 8489, 14.2); a TypeError when `address` is none. */
export function writeXorMappedAddress(
  { address, port }: { address: string; port: number },
  transactionId: Buffer,
): Buffer {
  return writeAddress(address, port, maskFor(transactionId));
}

/** Value of MAPPED-ADDRESS (RFC 8489, 14.1); a TypeError when `address` is none. */
export function writeMappedAddress({ address, port }: { address: string; port: number }): Buffer {
  return writeAddress(address, port, NO_MASK);
}

const NO_MASK = Buffer.alloc(16);

/** Cookie and transaction id: the port is masked with the first two bytes, an address with as many as it has. */
function maskFor(transactionId: Buffer): Buffer {
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(MAGIC_COOKIE);
  transactionId.copy(mask, 4);
  return mask;
}

function readAddress(value: Buffer, mask: Buffer): MappedAddress | undefined {
  if (value.length < 8) return undefined;
  const family = value[1] === 1 ? 4 : value[1] === 2 ? 6 : undefined;
  if (family === undefined || value.length !== (family === 4 ? 8 : 20)) return undefined;
  const port = value.readUInt16BE(2) ^ mask.readUInt16BE(0);
  const bytes = xor(value.subarray(4), mask);
  return { address: family === 4 ? [...bytes].join('.') : textOfIpv6(bytes), family, port };
}

function writeAddress(address: string, port: number, mask: Buffer): Buffer {
  const family = isIP(address);
  if (family === 0) throw new TypeError(`${address} is not an IP address`);
  const bytes = family === 4 ? Buffer.from(address.split('.').map(Number)) : bytesOfIpv6(address);
  const head = Buffer.alloc(4);
  head[1] = family === 4 ? 1 : 2;
  head.writeUInt16BE(port ^ mask.readUInt16BE(0), 2);
  return Buffer.concat([head, xor(bytes, mask)]);
}

function xor(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ mask[index]));
}

/** Text as RFC 5952 recommends. */
function textOfIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  // The URL parser knows how to shorten; it writes the brackets that are cut off here.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function bytesOfIpv6(address: string): Buffer {
  const canonical = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [left, right] = canonical.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = right === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...(right ?? [])];
  const bytes = Buffer.alloc(16);
  groups.forEach((group, index) => bytes.writeUInt16BE(parseInt(group, 16), 2 * index));
  return bytes;
}
