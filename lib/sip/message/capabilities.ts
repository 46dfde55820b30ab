import { SDP_TYPE } from './session-description';

/** Methods that we answer, as written into Allow (RFC 3261, 20.5). */
export const ALLOWED_METHODS = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'INFO',
  'UPDATE',
  'PRACK',
  'REFER',
  'NOTIFY',
  'MESSAGE',
] as const;

/** Methods that we know and never answer: 405 instead of 501 (RFC 3261, 8.2.1). */
export const KNOWN_METHODS: readonly string[] = [...ALLOWED_METHODS, 'REGISTER', 'SUBSCRIBE', 'PUBLISH'];

/** Extensions that we implement, as written into Supported (RFC 3261, 20.37). */
export const SUPPORTED_TAGS: readonly string[] = ['100rel', 'replaces', 'norefersub', 'timer'];

/** Bodies that an INVITE may carry, as written into Accept. */
export const ACCEPTED_BODIES: readonly string[] = [SDP_TYPE, 'multipart/mixed'];

/** Bodies that an INFO may carry (digits), as written into the Accept of a 415. */
export const INFO_ACCEPT = 'application/dtmf-relay, application/dtmf';

export const ALLOW = ALLOWED_METHODS.join(', ');
export const SUPPORTED = SUPPORTED_TAGS.join(', ');
export const ACCEPT = ACCEPTED_BODIES.join(', ');
