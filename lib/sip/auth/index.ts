/** Digest authentication, client and server (RFC 7616, RFC 8760, RFC 3261 section 22). Pure: no sockets, no timers. */
export { DIGEST_ALGORITHMS, type DigestAlgorithm } from './algorithms';
export { answerChallenge, AuthExchange, permittedOf } from './auth-exchange';
export { AuthScope, type Authenticator } from './auth-scope';
export { ClientCredentials, type ClientCredentialsOptions } from './client-credentials';
export {
  IncomingAuthenticator,
  type IncomingAuthenticatorOptions,
  type IncomingVerdict,
  type RefusalReason,
} from './incoming-authenticator';
export type { AuthDecision, AuthHeader, AuthKind, AuthRequest, Permission } from './types';
