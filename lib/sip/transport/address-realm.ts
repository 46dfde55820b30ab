import { isIP } from 'node:net';

/** Realm of addresses: public, or a range that each network has for itself, so that no other can reach it. */
export type Realm =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | '10/8'
  | '172.16/12'
  | '192.168/16'
  | '100.64/10'
  | 'fc00::/7';

/**
 * The realm of an IP address: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. Names count as public, because DNS
 * answers all alike.
 *
 * @param address without brackets
 */
export function realmOf(address: string): Realm {
  const family = isIP(address);
  if (family === 4) return realmOfIPv4(address);
  return family === 6 ? realmOfIPv6(address.toLowerCase()) : 'public';
}

function realmOfIPv4(address: string): Realm {
  const [first, second] = address.split('.', 2).map(Number);
  switch (first) {
    case 0:
      return 'unspecified';
    case 10:
      return '10/8';
    case 100:
      return second >= 64 && second < 128 ? '100.64/10' : 'public';
    case 127:
      return 'loopback';
    case 169:
      return second === 254 ? 'link-local' : 'public';
    case 172:
      return second >= 16 && second < 32 ? '172.16/12' : 'public';
    case 192:
      return second === 168 ? '192.168/16' : 'public';
    default:
      return 'public';
  }
}

function realmOfIPv6(address: string): Realm {
  if (address === '::') return 'unspecified';
  if (address === '::1') return 'loopback';
  if (/^fe[89ab]/.test(address)) return 'link-local';
  return /^f[cd]/.test(address) ? 'fc00::/7' : 'public';
}
