import { isIP } from 'node:net';
import type { Clock } from '../../common';
import type { TransportName } from '../types';
import { DeadTargets } from './dead-targets';
import { DnsCache, isAbsence, type FoundAddress } from './dns-cache';
import { familyUnavailable, notFound, serviceRefused } from './errors';
import { FailOver } from './fail-over';
import { LOCATE_LIMITS } from './limits';
import { defaultPort } from '../transport/kinds';
import { naptrServices, orderSrv, srvName } from './services';
import { checkTarget, isHostName, type CheckedTarget } from './target';
import type {
  AddressFamily,
  Destination,
  DnsResolver,
  LocateAbilities,
  LocateTarget,
  SrvRecord,
} from './types';
import { withTimeout } from './with-timeout';

export interface LocatorOptions {
  resolver: DnsResolver;
  clock: Clock;
  /** For the choice by SRV weights: a number in [0, 1); `Math.random` when absent. */
  random?: () => number;
}

/** SRV records of one service: some, none, or the explicit "not here" (target "."). */
type Service = { records: SrvRecord[]; refused: boolean; error?: unknown };

/** Findings of one `locate` call so far, for its error message. */
interface Search {
  target: CheckedTarget;
  abilities: LocateAbilities;
  /** The first query that failed otherwise than by "no such record". */
  fault?: unknown;
  /** A name had addresses, but of other families only. */
  otherFamily?: string;
}

/**
 * Finds out where a SIP request goes (RFC 3263, 4): numeric hosts and ports as they are, otherwise NAPTR,
 * SRV with priorities and weights, then A and AAAA. One locator per process or endpoint; it holds the
 * cache and the memory of dead destinations.
 */
export class Locator {
  readonly dead: DeadTargets;
  readonly #cache: DnsCache;
  readonly #random: () => number;

  constructor(private readonly options: LocatorOptions) {
    this.dead = new DeadTargets(options.clock);
    this.#cache = new DnsCache(options.resolver, options.clock);
    this.#random = options.random ?? Math.random;
  }

  /**
   * The destinations of a target, best first, dead ones last; at least one, at most 32. The order among
   * equals is drawn anew each time: keep the `FailOver` of a registration or a dialog instead of
   * asking again.
   *
   * @throws SipflowError (as a rejection) BAD_TARGET for what the target cannot mean, DNS for what
   * cannot be found within 10 s
   */
  async locate(target: LocateTarget, abilities: LocateAbilities): Promise<Destination[]> {
    const checked = checkTarget(target, abilities.transports);
    const search: Search = { target: checked, abilities };
    const found =
      checked.family === 0
        ? await withTimeout(this.#search(search), this.options.clock, checked.host)
        : this.#numeric(search);
    if (found.length === 0) {
      if (search.otherFamily !== undefined) throw familyUnavailable(search.otherFamily, abilities.families);
      throw notFound(checked.host, search.fault);
    }
    return this.dead.sort(distinct(found)).slice(0, LOCATE_LIMITS.destinations);
  }

  /** Like `locate`, as an iterator that remembers what failed. */
  async failOver(target: LocateTarget, abilities: LocateAbilities): Promise<FailOver> {
    return new FailOver(await this.locate(target, abilities), this.dead);
  }

  /** Forgets every DNS answer, after a change of network for example. */
  clearCache(): void {
    this.#cache.clear();
  }

  async #search(search: Search): Promise<Destination[]> {
    const { host, port, transports, explicit } = search.target;
    if (port !== undefined) return this.#byAddress(search, transports[0], host, port);
    if (isLocalName(host)) return this.#byDefaultPort(search, transports[0]);

    // NAPTR and SRV are asked together: name servers that drop the one must not delay the other.
    const [byNaptr, services] = await Promise.all([
      explicit ? [] : this.#byNaptr(search),
      Promise.all(transports.map((transport) => this.#service(search, srvName(transport, host)))),
    ]);
    if (byNaptr.length > 0) return byNaptr;
    const bySrv = await Promise.all(
      services.map(({ records }, index) => this.#bySrv(search, transports[index], records)),
    );
    if (bySrv.some((found) => found.length > 0)) return bySrv.flat();

    const open = transports.filter((_transport, index) => !services[index].refused);
    if (open.length === 0) throw serviceRefused(host);
    return this.#byDefaultPort(search, open[0]);
  }

  async #byNaptr(search: Search): Promise<Destination[]> {
    const { host, transports } = search.target;
    const { items, error } = await this.#cache.naptr(host);
    note(search, error);
    const found = await Promise.all(
      naptrServices(items, transports).map(async ({ transport, srvName }) => {
        const { records } = await this.#service(search, srvName);
        return this.#bySrv(search, transport, records);
      }),
    );
    return found.flat();
  }

  async #service(search: Search, name: string | undefined): Promise<Service> {
    if (name === undefined) return { records: [], refused: false };
    const { items, error } = await this.#cache.srv(name);
    note(search, error);
    const records = items
      .map((record) => ({ ...record, name: record.name.replace(/\.$/, '').toLowerCase() }))
      .filter(({ name, port }) => port > 0 && (isHostName(name) || isIP(name) !== 0));
    // RFC 2782: a single record with the target "." says that the service is decidedly not available.
    return { records, refused: items.length === 1 && items[0].name.replace(/\.$/, '') === '' };
  }

  async #bySrv(search: Search, transport: TransportName, records: SrvRecord[]): Promise<Destination[]> {
    const best = orderSrv(records, this.#random).slice(0, LOCATE_LIMITS.srvTargets);
    const found = await Promise.all(
      best.map(({ name, port }) => this.#byAddress(search, transport, name, port)),
    );
    return found.flat();
  }

  #byDefaultPort(search: Search, transport: TransportName): Promise<Destination[]> {
    return this.#byAddress(search, transport, search.target.host, defaultPort(transport));
  }

  async #byAddress(
    search: Search,
    transport: TransportName,
    name: string,
    port: number,
  ): Promise<Destination[]> {
    const items = await this.#addresses(search, name);
    const usable = search.abilities.families.flatMap((family) =>
      items.filter((item) => item.family === family),
    );
    if (usable.length === 0 && items.length > 0) search.otherFamily ??= name;
    return usable.map((item) => this.#destination(search, transport, item, port));
  }

  async #addresses(search: Search, name: string): Promise<FoundAddress[]> {
    // An SRV target may not be an address (RFC 2782), but some are, and it is clear what is meant.
    const family = isIP(name) as AddressFamily | 0;
    if (family !== 0) return [{ address: name, family }];
    const { items, error } = await this.#cache.addresses(name);
    note(search, error);
    return items;
  }

  #numeric(search: Search): Destination[] {
    const { host, family, port, transports } = search.target;
    if (family === 0 || !search.abilities.families.includes(family)) {
      throw familyUnavailable(host, search.abilities.families);
    }
    const [transport] = transports;
    return [this.#destination(search, transport, { address: host, family }, port ?? defaultPort(transport))];
  }

  #destination(
    search: Search,
    transport: TransportName,
    { address, family }: FoundAddress,
    port: number,
  ): Destination {
    return { address, family, port, transport, serverName: search.target.serverName };
  }
}

/** Names that no public DNS has services for; asking would only wait for its time-outs. */
function isLocalName(host: string): boolean {
  return !host.includes('.') || host.endsWith('.local') || host.endsWith('.localhost');
}

function note(search: Search, error: unknown): void {
  if (error !== undefined && !isAbsence(error)) search.fault ??= error;
}

function distinct(destinations: Destination[]): Destination[] {
  const seen = new Map<string, Destination>();
  for (const each of destinations) {
    const key = `${each.transport} ${each.address} ${each.port}`;
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}
