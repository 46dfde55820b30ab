/** The public face of lib/sip. */
export { createEndpoint } from './endpoint/endpoint';
export type { EndpointCounts, EndpointDependencies, InspectableEndpoint } from './endpoint/types';
export { DEFAULT_TRANSPORT, TRANSPORTS, transportNamed } from './transport/kinds';
export { createSelfSigned, type SelfSigned } from './transport/self-signed';
export { randomToken } from './message/tokens';
export { sipClock, type SipClock, type TimerSettings } from './transaction/timer-settings';
export { contactsOf } from './message/contacts';
export { parseNameAddress, parseParameters, splitList, withoutControls } from './message/header-values';
export { assertBody } from './request/body';
export { assertSendable } from './request/methods';
export { DnsCache, systemResolver, type DnsResolver } from './locate';
export { reasonPhrase } from './message/reason-phrases';
export { ANONYMOUS_URI } from './invite/caller';
export {
  escapeUser,
  formatSipUri,
  identityUri,
  isSipScheme,
  parseSipUri,
  uriParameter,
  userOf,
  type SipUri,
} from './message/uri';
export {
  formatReferTo,
  readRefer,
  REFER_EXPIRES,
  sendRefer,
  type IncomingRefer,
  type ReferNotifier,
  type ReferOutcome,
  type ReferStatus,
} from './refer';
export type * from './types';
