import type { TransportName } from '../types';

/** Target of a request: the parts of a URI, a Route or an outbound proxy that decide where it goes. */
export interface LocateTarget {
  /** Scheme `sips`: every hop needs TLS. */
  secure: boolean;
  /** Name or address; IPv6 with or without brackets. */
  host: string;
  port?: number;
  /** Value of the `transport` parameter, any case. */
  transport?: string;
  /** Value of the `maddr` parameter: the address to use instead of the host. */
  maddr?: string;
}

export type AddressFamily = 4 | 6;

/** Transports and address families of the sender; both lists in order of preference. */
export interface LocateAbilities {
  transports: readonly TransportName[];
  families: readonly AddressFamily[];
}

/** Address, port and transport to send to. */
export interface Destination {
  address: string;
  family: AddressFamily;
  port: number;
  transport: TransportName;
  /** The name that a certificate must prove: that of the URI, never one that DNS gave (RFC 5922, 4). */
  serverName: string;
}

export interface NaptrRecord {
  flags: string;
  service: string;
  regexp: string;
  replacement: string;
  order: number;
  preference: number;
}

export interface SrvRecord {
  name: string;
  port: number;
  priority: number;
  weight: number;
}

/**
 * The part of `node:dns/promises` that is used. With `lookup` the addresses of a name come from the
 * operating system (and its hosts file), without it from `resolve4` and `resolve6`.
 */
export interface DnsResolver {
  resolveNaptr(name: string): Promise<NaptrRecord[]>;
  resolveSrv(name: string): Promise<SrvRecord[]>;
  resolve4(name: string, options: { ttl: true }): Promise<{ address: string; ttl: number }[]>;
  resolve6(name: string, options: { ttl: true }): Promise<{ address: string; ttl: number }[]>;
  lookup?(name: string, options: { all: true }): Promise<{ address: string; family: number }[]>;
}
