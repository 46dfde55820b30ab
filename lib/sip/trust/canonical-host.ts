import { isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

const MAPPED_IPV4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * One spelling for each host: names in lower-case ASCII without a final dot; IPv6 without brackets and zone, in its
 * shortest form; IPv4 within IPv6 as IPv4. What is no host comes back in lower case.
 */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIPv6(bare)) return canonicalIpv6(bare);
  if (isIP(bare) !== 0) return bare;
  const ascii = /^[\x21-\x7e]*$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
  return ascii.replace(/\.$/, '');
}

/** Whether a canonical host is this machine itself, where each port may belong to another program. */
export function isLoopback(host: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(host) || host === '::1' || host === 'localhost';
}

function canonicalIpv6(address: string): string {
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = MAPPED_IPV4.exec(short);
  if (!mapped) return short;
  const bits = (parseInt(mapped[1], 16) << 16) | parseInt(mapped[2], 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
