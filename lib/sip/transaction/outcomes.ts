import type { SipflowError } from '../../common';
import { reasonPhrase } from '../message/reason-phrases';
import type { SipResponse } from '../message/sip-message';
import type { SipResponseInfo } from '../types';

/** Origin of a request's final outcome: the peer, our own time-out, or our transport. */
export type Origin = 'remote' | 'timeout' | 'transport';

/** The final response to one of our requests, or what we made up in its place (408, 503). */
export interface FinalOutcome {
  origin: Origin;
  readonly info: SipResponseInfo;
  /** Why our transport could not send the request. */
  fault?: SipflowError;
  /** Present when it really came from the peer. */
  response?: SipResponse;
}

/** The peer's final response. Most senders of a BYE look at nothing of it. */
export class RemoteOutcome implements FinalOutcome {
  readonly origin = 'remote';
  #info: SipResponseInfo | undefined;

  constructor(readonly response: SipResponse) {}

  get info(): SipResponseInfo {
    return (this.#info ??= this.response.toInfo());
  }
}

/** Follows one of our requests; every method is called from within the dispatch of a message or a timer. */
export interface RequestHandlers {
  final(outcome: FinalOutcome): void;
}

/** A final outcome without a response from the peer. */
export function localOutcome(status: number, origin: Origin): FinalOutcome {
  return { origin, info: { status, reason: reasonPhrase(status), headers: {} } };
}

/** The 503 that stands for a request which could not be sent. */
export function unsent(fault: SipflowError): FinalOutcome {
  const outcome = localOutcome(503, 'transport');
  return { ...outcome, fault, info: { ...outcome.info, diagnosis: fault.message, fault: fault.code } };
}
