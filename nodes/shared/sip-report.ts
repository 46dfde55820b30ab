import type { Call, SipReport } from '../../lib/calls';
import { own } from './own';

/** `msg.sip`: the last report of signalling, with the SDP of both sides. The flow may change it. */
export function sipOf(call: Call, sip: SipReport = call.lastSip): SipReport {
  return own({ ...sip, sdp: call.sdp });
}
