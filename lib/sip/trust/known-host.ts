import { isIP } from 'node:net';
import type { SipUri } from '../message/uri';
import { peerOfUri } from '../transport/route-request';
import type { Peer } from '../transport/transport';
import type { TransportName } from '../types';
import { canonicalHost, isLoopback } from './canonical-host';
import { DEFAULT_TRANSPORT } from '../transport/kinds';

/** Addresses of one host that are remembered; DNS gives at most 32 destinations for a name. */
const MAX_ADDRESSES = 64;

/**
 * A host that a setting or a target names, and where it was found. A port that was written has to match; without one,
 * every port of the host counts, but for hosts on this machine, where each program has a port of its own.
 */
export class KnownHost {
  readonly #host: string;
  readonly #port: number;
  readonly #anyPort: boolean;
  /** Ports by canonical address, as DNS told last, and before that: a rotating name gives others each time. */
  #found: Map<string, number[]> | undefined;
  #foundBefore: Map<string, number[]> | undefined;

  constructor(
    readonly uri: SipUri,
    transport: TransportName,
  ) {
    const { address, port } = peerOfUri(uri, transport);
    this.#host = canonicalHost(address);
    this.#port = port;
    this.#anyPort = uri.port === undefined;
  }

  /** Whether it is a name, whose addresses DNS has to tell. */
  get isName(): boolean {
    return isIP(this.#host) === 0;
  }

  /** Whether a URI names this very host and port. */
  isNamedBy(uri: SipUri): boolean {
    return (
      canonicalHost(peerOfUri(uri, DEFAULT_TRANSPORT).address) === this.#host && uri.port === this.uri.port
    );
  }

  /** DNS has found it there. */
  learn(places: readonly { address: string; port: number }[]): void {
    if (!this.isName) return;
    const found = (this.#found ??= new Map<string, number[]>());
    for (const { address, port } of places) {
      const host = canonicalHost(address);
      const ports = found.get(host) ?? [];
      if (ports.includes(port) || found.size >= MAX_ADDRESSES) continue;
      found.set(host, [...ports, port]);
    }
  }

  /** DNS was asked anew. */
  relearn(places: readonly { address: string; port: number }[]): void {
    this.#foundBefore = this.#found;
    this.#found = undefined;
    this.learn(places);
  }

  /** Whether an address belongs to the host, whatever the port. */
  includesAddress(address: string): boolean {
    const host = canonicalHost(address);
    return host === this.#host || this.#portsAt(host).length > 0;
  }

  /**
   * Whether a place is this host.
   *
   * @param peer with a name or an address; of the sender of a request, or where a request goes
   */
  includes({ address, port, returnPort }: Peer): boolean {
    const host = canonicalHost(address);
    const ports = host === this.#host ? [this.#port] : this.#portsAt(host);
    if (ports.length === 0) return false;
    if (this.#anyPort && !isLoopback(host)) return true;
    // A connection that the host has opened comes from any port; it listens at the one in its Via.
    return ports.some((each) => each === port || each === returnPort);
  }

  #portsAt(host: string): number[] {
    return [...(this.#found?.get(host) ?? []), ...(this.#foundBefore?.get(host) ?? [])];
  }
}
