import { Composer } from './compose';
import { invalidSyntax } from './rfc4475-invalid';
import { semantics } from './rfc4475-semantics';
import { validSyntax } from './rfc4475-valid';
import { ipv6 } from './rfc5118';
import type { TortureCase, TortureOptions } from './types';

export { describe as describeAnswer, judge, type Observation, type Verdict } from './judge';
export { ackFor, isToInvite, readResponse, type ReceivedResponse } from './responses';
export type { Expectation, TortureCase, TortureOptions } from './types';

/** The 49 messages of RFC 4475 in our own encoding, in the order of the RFC. */
export function rfc4475Cases(options?: TortureOptions): TortureCase[] {
  const compose = new Composer(options);
  return [...validSyntax(compose), ...invalidSyntax(compose), ...semantics(compose)].sort(bySection);
}

/** The 12 messages of RFC 5118, in the order of the RFC. */
export function rfc5118Cases(options?: TortureOptions): TortureCase[] {
  return ipv6(new Composer(options)).sort(bySection);
}

function bySection(a: TortureCase, b: TortureCase): number {
  return a.section.localeCompare(b.section, 'en', { numeric: true });
}
