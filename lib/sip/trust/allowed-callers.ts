import { BlockList, isIP, isIPv6 } from 'node:net';
import { type Clock, SipflowError } from '../../common';
import { isHostName } from '../locate/target';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import { canonicalHost } from './canonical-host';
import { KnownHost } from './known-host';
import type { OwnServers } from './own-servers';
import { RefreshedNames } from './refreshed-names';

/** Entries of one list. */
const MAX_ENTRIES = 1000;
/** Time that a start waits for DNS: hosts whose names are not resolved by then cannot call until they are. */
const PATIENCE_MS = 3_000;
const NETWORK = /^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/i;

export interface AllowedCallersHost {
  readonly servers: OwnServers;
  readonly router: Router;
  readonly clock: Clock;
}

/**
 * Who may send requests that open something: calls, messages, OPTIONS. Judged by the source address, which a connection
 * proves and a datagram only claims.
 */
export class AllowedCallers {
  readonly #addresses = new BlockList();
  readonly #names: RefreshedNames;
  #any = false;
  #servers = false;

  /**
   * @param entries `any`, `registrar` (registrar, outbound proxy and domain), addresses, networks as `10.0.0.0/8` or
   *   `2001:db8::/32`, and host names
   * @throws SipflowError BAD_CONFIG for an entry that is none of them, or for `registrar` when no server is set
   */
  constructor(
    entries: readonly string[],
    private readonly host: AllowedCallersHost,
  ) {
    if (entries.length > MAX_ENTRIES) throw bad(`it has more than ${MAX_ENTRIES} entries`);
    const hosts = entries.map((each) => this.#add(each.trim())).filter((each) => each !== undefined);
    this.#names = new RefreshedNames(hosts, host.clock, host.router);
    if (this.#servers && host.servers.none) {
      throw bad(
        '"registrar" stands there, but neither a registrar nor an outbound proxy nor a domain is set',
      );
    }
  }

  /** Makes the names known, as far as DNS answers within 3 s. Never rejects. */
  prepare(): Promise<void> {
    const { clock, servers } = this.host;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, PATIENCE_MS);
      void Promise.all([this.#names.refresh(), this.#servers && servers.refresh()]).then(() => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
  }

  includes({ address }: Peer): boolean {
    if (this.#any) return true;
    const canonical = canonicalHost(address);
    if (isIP(canonical) !== 0 && this.#addresses.check(canonical, familyOf(canonical))) return true;
    return (
      this.#names.includesAddress(canonical) ||
      (this.#servers && this.host.servers.includesAddress(canonical))
    );
  }

  #add(entry: string): KnownHost | undefined {
    const word = entry.toLowerCase();
    if (word === 'any') this.#any = true;
    else if (word === 'registrar') this.#servers = true;
    else if (isIP(canonicalHost(entry)) !== 0) this.#addAddress(canonicalHost(entry));
    else if (NETWORK.test(entry)) this.#addNetwork(entry);
    else return this.#named(entry);
    return undefined;
  }

  #addAddress(address: string): void {
    this.#addresses.addAddress(address, familyOf(address));
  }

  #addNetwork(entry: string): void {
    const [, address = '', bits = ''] = NETWORK.exec(entry) ?? [];
    const length = Number(bits);
    const family = familyOf(address);
    if (isIP(address) === 0 || length > (family === 'ipv6' ? 128 : 32)) {
      throw bad(
        `"${shown(entry)}" is no network: write an address and the length of its prefix, such as 10.0.0.0/8`,
      );
    }
    this.#addresses.addSubnet(address, length, family);
  }

  #named(entry: string): KnownHost {
    const host = canonicalHost(entry);
    // A last label of digits is an address with a mistake (RFC 3696, 2).
    if (!isHostName(host) || /(?:^|\.)\d+$/.test(host)) {
      throw bad(
        `"${shown(entry)}" is neither any, registrar, an address, a network such as 10.0.0.0/8, nor a host name`,
      );
    }
    return new KnownHost({ scheme: 'sip', host, parameters: '', headers: '' }, this.host.router.transport);
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function shown(entry: string): string {
  return entry.slice(0, 80);
}

function bad(problem: string): SipflowError {
  return new SipflowError('BAD_CONFIG', `The list of those who may call cannot be used: ${problem}.`);
}
