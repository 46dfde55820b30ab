import type { Call, SipReport } from '../../lib/calls';
import { own } from './own';

/** `msg.sip`: the last report of signalling, with the SDP of both sides. The flow may change it. */
export function sipOf(call: Call, sip: SipReport = call.lastSip): SipReport {
  return own({ ...sip, sdp: call.sdp });
}

/** Like `sipOf`, and for an incoming call who calls whom, which only its first report says. */
export function sipWithOrigin(call: Call): SipReport {
  return sipOf(call, { ...call.origin, ...call.lastSip });
}
