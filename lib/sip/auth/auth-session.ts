import type { SipflowError } from '../../common/errors';
import type { HeaderField } from '../message/extra-headers';
import type { SipResponse } from '../message/sip-message';
import type { AuthExchange } from './auth-exchange';
import { AuthScope } from './auth-scope';
import type { ClientCredentials } from './client-credentials';
import type { AuthRequest } from './types';

/** Answers the challenges to one request and its repetitions, in terms of the messages of lib/sip. */
export class AuthSession {
  readonly #exchange: AuthExchange;
  #error: SipflowError | undefined;

  /**
   * @param scope what the dialog or the registration has learnt before, so that its later requests carry
   *   their credentials at once; a fresh one when absent
   */
  constructor(credentials: ClientCredentials | undefined, scope: AuthScope = new AuthScope(credentials)) {
    this.#exchange = scope.begin();
  }

  /** Why `challenged` said no, for people: an AUTH error without credentials in it. */
  get error(): SipflowError | undefined {
    return this.#error;
  }

  /**
   * Takes a final response.
   *
   * @returns whether to send the request again, with `fields` and the next CSeq. False for what is no
   *   challenge, and for one that we cannot or should not answer; then `error` says why
   */
  challenged(response: SipResponse): boolean {
    if (response.status !== 401 && response.status !== 407) return false;
    this.#error = this.#exchange.challenged(response.status, response.headers.toRecord());
    return this.#error === undefined;
  }

  /** The credentials for the next transmission of the request, for every realm that has asked so far. */
  fields(request: AuthRequest): HeaderField[] {
    return this.#exchange.headersFor(request);
  }
}
