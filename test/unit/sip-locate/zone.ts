import type { DnsResolver, NaptrRecord, SrvRecord } from '../../../lib/sip/locate';

/** What a name has. A string instead of records is the code of a DNS error. */
export interface ZoneEntry {
  naptr?: Partial<NaptrRecord>[] | string;
  srv?: Partial<SrvRecord>[] | string;
  a?: string[] | string;
  aaaa?: string[] | string;
  ttl?: number;
}

/** A resolver that answers from a table, and writes down what it was asked. */
export class Zone implements DnsResolver {
  readonly queries: string[] = [];

  constructor(private readonly entries: Record<string, ZoneEntry>) {}

  resolveNaptr(name: string): Promise<NaptrRecord[]> {
    return this.#answer('NAPTR', name, (entry) => entry.naptr).then((records) =>
      records.map((record) => ({
        flags: 's',
        service: 'SIP+D2U',
        regexp: '',
        replacement: '',
        order: 1,
        preference: 1,
        ...record,
      })),
    );
  }

  resolveSrv(name: string): Promise<SrvRecord[]> {
    return this.#answer('SRV', name, (entry) => entry.srv).then((records) =>
      records.map((record) => ({ name: '', port: 5060, priority: 1, weight: 1, ...record })),
    );
  }

  resolve4(name: string): Promise<{ address: string; ttl: number }[]> {
    return this.#addresses('A', name, (entry) => entry.a);
  }

  resolve6(name: string): Promise<{ address: string; ttl: number }[]> {
    return this.#addresses('AAAA', name, (entry) => entry.aaaa);
  }

  #addresses(
    type: string,
    name: string,
    pick: (entry: ZoneEntry) => string[] | string | undefined,
  ): Promise<{ address: string; ttl: number }[]> {
    const ttl = this.entries[name]?.ttl ?? 60;
    return this.#answer(type, name, pick).then((list) => list.map((address) => ({ address, ttl })));
  }

  async #answer<Item>(
    type: string,
    name: string,
    pick: (entry: ZoneEntry) => Item[] | string | undefined,
  ): Promise<Item[]> {
    this.queries.push(`${type} ${name}`);
    const entry = this.entries[name];
    const answer = entry && pick(entry);
    if (typeof answer === 'string') throw dnsError(answer);
    if (!answer) throw dnsError(entry ? 'ENODATA' : 'ENOTFOUND');
    return answer;
  }
}

export function dnsError(code: string): Error {
  return Object.assign(new Error(`query ${code}`), { code });
}
