import type { Call, SipReport } from '../../lib/calls';
import { own } from './own';

/** `msg.sip`: what signalling said last, with the SDP of both sides. The flow may change it. */
export function sipOf(call: Call, sip: SipReport = call.lastSip): SipReport {
  return own({ ...sip, sdp: call.sdp });
}
