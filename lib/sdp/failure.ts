import type { SessionDescription } from './description';
import { SdpError } from './errors';
import { useAddresses } from './host-names';
import { parseSdp } from './parse';
import { printable } from './printable';
import type { NegotiationFailure, NegotiationFault } from './types';

/** A failed negotiation. */
export function failure(reason: NegotiationFault, diagnosis: string): NegotiationFailure {
  return { ok: false, reason, diagnosis };
}

/**
 * The description, or the failure that says that `what` ("the offer") cannot be read.
 *
 * @param hosts addresses of host names that may stand in `c=` lines.
 */
export function readDescription(
  text: string,
  what: string,
  hosts?: ReadonlyMap<string, string>,
): { ok: true; description: SessionDescription } | NegotiationFailure {
  try {
    const description = parseSdp(text);
    if (hosts && hosts.size > 0) useAddresses(description, hosts);
    return { ok: true, description };
  } catch (error) {
    if (error instanceof SdpError) return failure('malformed', `${what} cannot be read: ${error.message}`);
    throw error;
  }
}

/** Failure for a `c=` line of an unknown address type (RFC 5118, RFC 8866, 5.7): the description is malformed. */
export function unknownAddress(what: string, addressType: string): NegotiationFailure {
  return failure(
    'malformed',
    `${what} names an address of the type ${printable(addressType)} in its c= line; known are IP4 and IP6`,
  );
}
