/** One end of a datagram or a connection. */
export interface Endpoint {
  /** 4 bytes of IPv4 or 16 of IPv6. */
  address: Uint8Array;
  port: number;
}

/** For a host that is no address: those that are set apart for documents (RFC 5737, RFC 3849). */
const UNKNOWN_V4 = [192, 0, 2, 1];
const UNKNOWN_V6 = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const WILDCARDS = ['0.0.0.0', '::'];
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Host and port of `address:port`; the brackets of IPv6 and its zone are left out, IPv4 in IPv6 is IPv4. */
export function hostAndPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  const host = text
    .slice(0, Math.max(0, colon))
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
  return {
    host: MAPPED.exec(host)?.[1] ?? host,
    port: Number.isInteger(port) && port > 0 && port <= 65_535 ? port : 0,
  };
}

/** Whether a socket that is bound there takes packets for any address of the machine. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.includes(host);
}

/**
 * Both ends as bytes of one family.
 *
 * @param own address of this side where it is bound to all of them; what is no address becomes one that nobody has
 */
export function endpointsOf(
  local: string,
  remote: string,
  own: string | undefined,
): { local: Endpoint; remote: Endpoint } {
  const near = hostAndPort(local);
  const far = hostAndPort(remote);
  const nearHost = isWildcard(near.host) || near.host === '' ? (own ?? '') : near.host;
  const isSix =
    sixBytes(far.host) !== undefined || (!fourBytes(far.host) && sixBytes(nearHost) !== undefined);
  return {
    local: { address: bytesOf(nearHost, isSix), port: near.port },
    remote: { address: bytesOf(far.host, isSix), port: far.port },
  };
}

function bytesOf(host: string, isSix: boolean): Uint8Array {
  return isSix
    ? (sixBytes(host) ?? Uint8Array.from(UNKNOWN_V6))
    : (fourBytes(host) ?? Uint8Array.from(UNKNOWN_V4));
}

function fourBytes(host: string): Uint8Array | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return undefined;
  const parts = host.split('.').map(Number);
  return parts.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined;
}

/** RFC 4291, 2.2. */
function sixBytes(host: string): Uint8Array | undefined {
  const dotted = fourBytes(/[^:]*$/.exec(host)?.[0] ?? '');
  const colons = dotted ? host.replace(/[^:]*$/, '0:0') : host;
  const halves = colons.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - halves.reduce((sum, half) => sum + half.length, 0);
  if (!host.includes(':') || halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0))
    return undefined;
  const words = [...halves[0], ...Array<string>(missing).fill('0'), ...(halves[1] ?? [])];
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  const bytes = Uint8Array.from(
    words.flatMap((word) => [parseInt(word, 16) >> 8, parseInt(word, 16) & 0xff]),
  );
  if (dotted) bytes.set(dotted, 12);
  return bytes;
}
