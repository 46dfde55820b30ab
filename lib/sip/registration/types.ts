import type { SipflowError } from '../../common';
import type { Headers } from '../types';

/** One REGISTER; its sender adds Via, CSeq, credentials and route. */
export interface RegisterRequest {
  /** Request-URI: the registrar's domain, without a user. */
  requestUri: string;
  /** To and From: our address-of-record. */
  addressOfRecord: string;
  /** The same for every request of a registration; CSeq goes up by one with each transmission of a new request. */
  callId: string;
  /** Seconds; 0 takes the binding away. */
  expires: number;
  /** `Contact`, `Expires`, `Supported`. */
  headers: (readonly [name: string, value: string])[];
}

/** Outcome of a REGISTER, after authentication and fail-over. */
export type RegisterOutcome =
  | { kind: 'response'; status: number; reason: string; headers: Headers }
  /** No usable answer: code AUTH, TIMEOUT, TRANSPORT, TLS or DNS. */
  | { kind: 'fault'; error: SipflowError };

/** Sends a REGISTER and calls back exactly once with its outcome, at the latest after 64·T1. */
export type SendRegister = (request: RegisterRequest, done: (outcome: RegisterOutcome) => void) => void;

export type RegistrationState =
  /** Nothing was tried yet, or the binding was taken away. */
  | 'unregistered'
  /** The first answer is awaited, or the first after a failure. */
  | 'registering'
  /** The binding stands, also while a refresh is under way or is tried again. */
  | 'registered'
  /** The binding does not stand; another try follows. */
  | 'failed'
  /** The binding is being taken away. */
  | 'unregistering'
  /** The end. */
  | 'closed';

/** Routes and identities in a registrar's 2xx (RFC 3608, RFC 3327, RFC 7315); URIs as `<sip:…;lr>`. */
export interface RegistrationRoutes {
  /** Route set for requests of this user, first hop first. */
  serviceRoute: string[];
  path: string[];
  /** Other identities of this user. */
  associatedUris: string[];
}

/** For the status of the config node and the event in the flow. */
export interface RegistrationReport {
  state: RegistrationState;
  /** Milliseconds until the binding ends, while `registered`. */
  expiresInMs?: number;
  /** Milliseconds until the next try or refresh, when one is planned. */
  nextInMs?: number;
  /** Why the latest REGISTER failed; absent after a success. */
  error?: SipflowError;
  /** The latest response's status, when there was one. */
  status?: number;
  routes: RegistrationRoutes;
}
