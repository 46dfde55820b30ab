import { isIP } from 'node:net';
import type { Clock } from '../../common';
import { codeOf, tooManyQueries } from './errors';
import { LOCATE_LIMITS } from './limits';
import type { AddressFamily, DnsResolver, NaptrRecord, SrvRecord } from './types';
import { withTimeout } from './with-timeout';

export interface FoundAddress {
  address: string;
  family: AddressFamily;
}

/** Result of a query: records (none is an answer too), and the error when there was no answer. */
export interface Answer<Item> {
  items: Item[];
  error?: unknown;
}

interface Entry {
  answer: Promise<Answer<unknown>>;
  /** Clock time; while the query is under way, when it is given up. */
  expires: number;
}

/**
 * DNS queries with a memory: answers live as long as their TTL within bounds, a burst of calls to one
 * name makes one query, and no answer, however large or malformed, gets through unchecked. Never
 * rejects for what a server says.
 */
export class DnsCache {
  readonly #entries = new Map<string, Entry>();
  #underWay = 0;

  constructor(
    private readonly resolver: DnsResolver,
    private readonly clock: Clock,
  ) {}

  /** Entries that are remembered, for tests and diagnosis. */
  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#entries.clear();
  }

  naptr(name: string): Promise<Answer<NaptrRecord>> {
    return this.#ask('naptr', name, async () => ({
      items: toList(await this.resolver.resolveNaptr(name)).filter(isNaptr),
      ttlMs: LOCATE_LIMITS.defaultTtlMs,
    }));
  }

  srv(name: string): Promise<Answer<SrvRecord>> {
    return this.#ask('srv', name, async () => ({
      items: toList(await this.resolver.resolveSrv(name))
        .filter(isSrv)
        .sort((a, b) => a.priority - b.priority)
        .slice(0, LOCATE_LIMITS.srvRecords),
      ttlMs: LOCATE_LIMITS.defaultTtlMs,
    }));
  }

  /** All addresses of a name, in the order in which the server or the operating system gave them. */
  addresses(name: string): Promise<Answer<FoundAddress>> {
    return this.resolver.lookup ? this.#lookUp(name) : this.#resolveBoth(name);
  }

  #lookUp(name: string): Promise<Answer<FoundAddress>> {
    return this.#ask('lookup', name, async () => {
      const found = toList(await this.resolver.lookup?.(name, { all: true }));
      return { items: checkAddresses(found.map(addressOf)), ttlMs: LOCATE_LIMITS.defaultTtlMs };
    });
  }

  async #resolveBoth(name: string): Promise<Answer<FoundAddress>> {
    const [four, six] = await Promise.all([
      this.#ask('a', name, async () => withTtl(await this.resolver.resolve4(name, { ttl: true }))),
      this.#ask('aaaa', name, async () => withTtl(await this.resolver.resolve6(name, { ttl: true }))),
    ]);
    const items = [...four.items, ...six.items];
    return items.length > 0 ? { items } : { items, error: worse(four.error, six.error) };
  }

  #ask<Item>(
    type: string,
    name: string,
    query: () => Promise<{ items: Item[]; ttlMs: number }>,
  ): Promise<Answer<Item>> {
    const key = `${type} ${name}`;
    const known = this.#entries.get(key);
    if (known && known.expires > this.clock.now()) {
      // The key says which items an entry has.
      return known.answer as Promise<Answer<Item>>;
    }
    if (this.#underWay >= LOCATE_LIMITS.queries) {
      return Promise.resolve({ items: [], error: tooManyQueries(LOCATE_LIMITS.queries) });
    }
    const entry: Entry = {
      answer: this.#run(name, query, (ttlMs) => {
        entry.expires = this.clock.now() + ttlMs;
      }),
      expires: this.clock.now() + LOCATE_LIMITS.totalMs,
    };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#evict();
    return entry.answer as Promise<Answer<Item>>;
  }

  async #run<Item>(
    name: string,
    query: () => Promise<{ items: Item[]; ttlMs: number }>,
    keepFor: (ttlMs: number) => void,
  ): Promise<Answer<Item>> {
    this.#underWay += 1;
    try {
      const { items, ttlMs } = await withTimeout(query(), this.clock, name);
      keepFor(items.length > 0 ? ttlMs : LOCATE_LIMITS.negativeTtlMs);
      return { items };
    } catch (error) {
      keepFor(isAbsence(error) ? LOCATE_LIMITS.negativeTtlMs : LOCATE_LIMITS.failureTtlMs);
      return { items: [], error };
    } finally {
      this.#underWay -= 1;
    }
  }

  #evict(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= LOCATE_LIMITS.cacheEntries) return;
      this.#entries.delete(key);
    }
  }
}

/** "There is no such record", as opposed to "I could not find out". */
export function isAbsence(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOTFOUND' || code === 'ENODATA';
}

/** Of two failed queries, the one that tells more about the fault. */
function worse(first: unknown, second: unknown): unknown {
  return first !== undefined && !isAbsence(first) ? first : (second ?? first);
}

function toList(answer: unknown): unknown[] {
  return Array.isArray(answer) ? answer : [];
}

function isNaptr(record: unknown): record is NaptrRecord {
  const { flags, service, replacement, order, preference } = (record ?? {}) as Partial<NaptrRecord>;
  return (
    [flags, service, replacement].every((each) => typeof each === 'string') &&
    [order, preference].every((each) => Number.isInteger(each))
  );
}

function isSrv(record: unknown): record is SrvRecord {
  const { name, port, priority, weight } = (record ?? {}) as Partial<SrvRecord>;
  return typeof name === 'string' && [port, priority, weight].every(isUint16);
}

function isUint16(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535;
}

function addressOf(record: unknown): unknown {
  return (record as { address?: unknown } | undefined | null)?.address;
}

function checkAddresses(addresses: unknown[]): FoundAddress[] {
  const found = new Map<string, FoundAddress>();
  for (const address of addresses) {
    if (typeof address !== 'string') continue;
    const family = isIP(address);
    if (family !== 0) found.set(address, { address, family: family as AddressFamily });
    if (found.size >= LOCATE_LIMITS.addresses) break;
  }
  return [...found.values()];
}

function withTtl(records: unknown): { items: FoundAddress[]; ttlMs: number } {
  const list = toList(records);
  let ttlMs: number = LOCATE_LIMITS.maxTtlMs;
  for (const record of list) {
    const ttl = (record as { ttl?: unknown } | undefined | null)?.ttl;
    ttlMs = Math.min(ttlMs, typeof ttl === 'number' && ttl >= 0 ? ttl * 1_000 : LOCATE_LIMITS.defaultTtlMs);
  }
  return { items: checkAddresses(list.map(addressOf)), ttlMs: Math.max(ttlMs, LOCATE_LIMITS.minTtlMs) };
}
