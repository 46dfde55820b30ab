import type { SipflowError } from '../../common';

/** Kind of challenge: `www` by the server itself (401), `proxy` by a proxy on the way (407). */
export type AuthKind = 'www' | 'proxy';

/** Whether credentials for that kind of challenge may go where a request goes; `Trust` decides it. */
export type Permission = (kind: AuthKind) => boolean;

/** Parts of a request that go into its digest. */
export interface AuthRequest {
  method: string;
  /** Request-URI exactly as it is sent. */
  uri: string;
  /** Needed for qop `auth-int` only. */
  body?: string | Uint8Array;
}

/** One header field to put into the request. */
export type AuthHeader = readonly [name: 'Authorization' | 'Proxy-Authorization', value: string];

/** Decision after a 401 or 407: send the request again with these fields (all of them), or report the error. */
export type AuthDecision =
  { kind: 'retry'; headers: readonly AuthHeader[] } | { kind: 'give-up'; error: SipflowError };
