import type { IncomingCall, OutgoingCall } from '../../lib/calls';
import { SipflowError } from '../../lib/common';

/**
 * The call of a node that acts on incoming calls only.
 *
 * @param verb action on the call as a participle, `answered` for example
 * @throws SipflowError CALL_STATE for an outgoing call
 */
export function incomingOnly(call: IncomingCall | OutgoingCall, verb: string): IncomingCall {
  if (call.direction === 'in') return call;
  throw new SipflowError(
    'CALL_STATE',
    `An outgoing call cannot be ${verb} by this side; this node is for incoming calls.`,
  );
}
