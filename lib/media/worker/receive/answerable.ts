import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Lowest port that can be answered: 0 is no port (RFC 768), and 1 is tcpmux. */
const LOWEST_PORT = 2;
const HIGHEST_PORT = 65535;
/** From 224 on: multicast (RFC 5771), reserved, and the broadcast address. */
const FIRST_MULTICAST = 224;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;
/** Interfaces change rarely, and asking for them is a system call. */
const BROADCASTS_KEPT_MS = 60_000;

/** The address of an old-style hold (RFC 3264, 8.4). */
const NOWHERE = /^(::ffff:)?0\.0\.0\.0$|^::$/;

/** Whether an offer or answer names a place that packets can be sent to. */
export function isReachable({ address, rtpPort }: { address: string; rtpPort: number }): boolean {
  return rtpPort > 0 && !NOWHERE.test(address);
}

let broadcasts: ReadonlySet<string> = new Set();
let broadcastsUntil = -Infinity;

/**
 * Whether a packet from this source could be answered: not from port 0 or 1, nor from a multicast, broadcast, reserved
 * or unspecified address. For the rare packet of an unknown source: it may look at the interfaces of the machine.
 *
 * @param address as a socket reports it, IPv4 or IPv6.
 */
export function isAnswerable(address: string, port: number): boolean {
  if (port < LOWEST_PORT || port > HIGHEST_PORT) return false;
  const lower = address.toLowerCase();
  const host = MAPPED.exec(lower)?.[1] ?? lower;
  if (!isIPv4(host)) return isIPv6(host) && host !== '::' && !host.startsWith('ff');
  const first = Number.parseInt(host, 10);
  return first > 0 && first < FIRST_MULTICAST && !ownBroadcasts().has(host);
}

/** The broadcast addresses of the networks that this machine is in. */
function ownBroadcasts(): ReadonlySet<string> {
  const now = performance.now();
  if (now >= broadcastsUntil) {
    broadcasts = new Set(
      Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ family }) => family === 'IPv4')
        .flatMap(({ address, netmask }) => broadcastOf(address, netmask)),
    );
    broadcastsUntil = now + BROADCASTS_KEPT_MS;
  }
  return broadcasts;
}

/** Networks of one or two addresses have none (RFC 3021). */
function broadcastOf(address: string, netmask: string): string[] {
  const host = netmask.split('.').map((byte) => ~Number(byte) & 0xff);
  if (host[0] + host[1] + host[2] === 0 && host[3] <= 1) return [];
  return [
    address
      .split('.')
      .map((byte, index) => Number(byte) | host[index])
      .join('.'),
  ];
}
