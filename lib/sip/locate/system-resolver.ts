import { promises as dns } from 'node:dns';
import type { DnsResolver } from './types';

export interface SystemResolverOptions {
  /** Name servers to ask instead of the system's, `address` or `address:port`; the hosts file is then left out too. */
  servers?: readonly string[];
  /** Milliseconds per try; 2,000 when absent. */
  timeoutMs?: number;
  /** Tries per server; 2 when absent. */
  tries?: number;
}

/** The real name servers, with time-outs that suit a caller who waits (c-ares alone would take 20 s and more). */
export function systemResolver(options: SystemResolverOptions = {}): DnsResolver {
  const resolver = new dns.Resolver({ timeout: options.timeoutMs ?? 2_000, tries: options.tries ?? 2 });
  if (options.servers) resolver.setServers(options.servers);
  const queries: DnsResolver = {
    resolveNaptr: (name) => resolver.resolveNaptr(name),
    resolveSrv: (name) => resolver.resolveSrv(name),
    resolve4: (name, ttl) => resolver.resolve4(name, ttl),
    resolve6: (name, ttl) => resolver.resolve6(name, ttl),
  };
  return options.servers ? queries : { ...queries, lookup: (name, all) => dns.lookup(name, all) };
}
