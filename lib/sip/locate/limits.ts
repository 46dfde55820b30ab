/** Limits of a look-up, whatever a name server answers. Milliseconds where the name says so. */
export const LOCATE_LIMITS = {
  /** One `locate` call, with all its queries. */
  totalMs: 10_000,
  /** Queries on their way at once, over all calls. */
  queries: 200,
  cacheEntries: 500,
  /** Records of one answer that are looked at: the best by priority or order. */
  naptrRecords: 16,
  srvRecords: 32,
  addresses: 8,
  /** NAPTR replacements that are followed, and SRV targets whose addresses are asked for. */
  naptrServices: 4,
  srvTargets: 8,
  destinations: 32,
  /** Time to live of addresses is kept between these; records without one live `defaultTtlMs`. */
  minTtlMs: 10_000,
  maxTtlMs: 600_000,
  defaultTtlMs: 60_000,
  /** "No such record" and "the server did not answer". */
  negativeTtlMs: 10_000,
  failureTtlMs: 2_000,
  deadTargets: 256,
  deadMs: 30_000,
  maxDeadMs: 600_000,
} as const;
