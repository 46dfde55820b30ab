import type { SessionDescription } from './description';
import { SdpError } from './errors';
import { parseSdp } from './parse';
import type { NegotiationFailure, NegotiationFault } from './types';

/** A failed negotiation. */
export function failure(reason: NegotiationFault, diagnosis: string): NegotiationFailure {
  return { ok: false, reason, diagnosis };
}

/** The description, or the failure that says that `what` ("the offer") cannot be read. */
export function readDescription(
  text: string,
  what: string,
): { ok: true; description: SessionDescription } | NegotiationFailure {
  try {
    return { ok: true, description: parseSdp(text) };
  } catch (error) {
    if (error instanceof SdpError) return failure('malformed', `${what} cannot be read: ${error.message}`);
    throw error;
  }
}
