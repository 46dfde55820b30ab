import type { IncomingResponse } from 'sip.js/lib/core';
import type { SipflowError } from '../../common';
import { reasonPhrase } from '../message/reason-phrases';
import { SipResponse } from '../message/sip-message';
import type { SipResponseInfo } from '../types';

/** Who said that a request is over: the peer, our own time-out, or our transport. */
export type Origin = 'remote' | 'timeout' | 'transport';

/** The final response to one of our requests, or what we made up in its place (408, 503). */
export interface FinalOutcome {
  origin: Origin;
  info: SipResponseInfo;
  /** Why our transport could not send the request. */
  fault?: SipflowError;
  /** Present when it really came from the peer. */
  response?: SipResponse;
}

/** Follows one of our requests; every method is called from within the dispatch of a message or a timer. */
export interface RequestHandlers {
  final(outcome: FinalOutcome): void;
}

/** A final outcome without a response from the peer. */
export function localOutcome(status: number, origin: Origin): FinalOutcome {
  return { origin, info: { status, reason: reasonPhrase(status), headers: {} } };
}

/**
 * What the core reports, without the core's types. Its own 408 and 503 carry no message of ours.
 *
 * @param request ours; `noteFault` has left there why it could not be sent
 */
export function outcomeOf(incoming: IncomingResponse, request?: { fault?: SipflowError }): FinalOutcome {
  const response = receivedIn(incoming);
  if (response) return { origin: 'remote', info: response.toInfo(), response };
  const status = incoming.message.statusCode ?? 503;
  const outcome = localOutcome(status, status === 408 ? 'timeout' : 'transport');
  const fault = request?.fault;
  if (!fault || status === 408) return outcome;
  return { ...outcome, fault, info: { ...outcome.info, diagnosis: fault.message } };
}

/** The response as our parser read it; undefined for one that the core made up. */
export function receivedIn(incoming: IncomingResponse): SipResponse | undefined {
  const { received } = incoming.message as { received?: unknown };
  return received instanceof SipResponse ? received : undefined;
}
