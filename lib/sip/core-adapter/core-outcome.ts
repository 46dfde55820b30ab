import type { IncomingResponse } from 'sip.js/lib/core';
import type { SipflowError } from '../../common';
import { SipResponse } from '../message/sip-message';
import { localOutcome, RemoteOutcome, unsent, type FinalOutcome } from '../transaction/outcomes';

/**
 * Outcome that the core reports, without the core's types. Its own 408 and 503 carry no message of ours.
 *
 * @param request ours; `noteFault` has left there why it could not be sent
 */
export function outcomeOf(incoming: IncomingResponse, request?: { fault?: SipflowError }): FinalOutcome {
  const response = receivedIn(incoming);
  if (response) return new RemoteOutcome(response);
  const status = incoming.message.statusCode ?? 503;
  const outcome = localOutcome(status, status === 408 ? 'timeout' : 'transport');
  const fault = request?.fault;
  return !fault || status === 408 ? outcome : unsent(fault);
}

/** The response as our parser read it; undefined for one that the core made up. */
export function receivedIn(incoming: IncomingResponse): SipResponse | undefined {
  const { received } = incoming.message as { received?: unknown };
  return received instanceof SipResponse ? received : undefined;
}
