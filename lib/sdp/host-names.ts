import { isIP } from 'node:net';
import type { SessionDescription } from './description';

/** Names of one description that are looked up: a real one has one, and each costs a query. */
const MAX_NAMES = 4;
/** RFC 1035, 2.3.4. */
const MAX_NAME_LENGTH = 253;
const HOST_NAME =
  /^(?=.*[a-z])[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$/i;
/** A `c=` line with something else than numbers, such as an IPv6 address or a name. */
const UNUSUAL = /^c=(?!\s*IN\s+IP4\s+[\d.]+\s*(?:\/|$))/im;
const NONE: readonly MediaHostName[] = [];
const CONNECTION = /^c=\s*IN\s+IP[46]\s+([^\s/]+)/gim;

/** A host name of a `c=` line, and the family of address that the line wants. */
export interface MediaHostName {
  name: string;
  family: 4 | 6;
}

/**
 * The host names (RFC 8866, 5.7) that stand in place of addresses in the `c=` lines of a description, each once, the
 * first four. Looks at the text alone: nearly every description has none.
 */
export function hostNames(sdp: string): readonly MediaHostName[] {
  if (!UNUSUAL.test(sdp)) return NONE;
  const found = new Map<string, MediaHostName>();
  for (const [line, name] of sdp.matchAll(CONNECTION)) {
    if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) continue;
    if (name.length > MAX_NAME_LENGTH || !HOST_NAME.test(name)) continue;
    if (found.size < MAX_NAMES) found.set(name, { name, family: /IP6/i.test(line) ? 6 : 4 });
  }
  return [...found.values()];
}

/** Puts the addresses of known host names into the `c=` lines of a description. */
export function useAddresses(description: SessionDescription, hosts: ReadonlyMap<string, string>): void {
  for (const section of [description, ...description.media]) {
    for (const connection of section.connections) {
      const address = hosts.get(connection.address);
      if (address === undefined) continue;
      connection.address = address;
      if (isIP(address) !== 0) connection.addressType = isIP(address) === 6 ? 'IP6' : 'IP4';
    }
  }
}
