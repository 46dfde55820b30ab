/** Locating SIP servers: RFC 3263 with injected resolver, clock and random. */
export { DeadTargets } from './dead-targets';
export { DnsCache } from './dns-cache';
export { FailOver } from './fail-over';
export { LOCATE_LIMITS } from './limits';
export { Locator, type LocatorOptions } from './locator';
export { systemResolver, type SystemResolverOptions } from './system-resolver';
export { targetOfUri, type UriParts } from './target';
export type {
  AddressFamily,
  Destination,
  DnsResolver,
  LocateAbilities,
  LocateTarget,
  NaptrRecord,
  SrvRecord,
} from './types';
