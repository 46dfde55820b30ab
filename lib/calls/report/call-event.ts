import type { CallEvent } from '../call-context';
import type { Call, CallEventReport } from '../types';

/** Report of a call event, under its name in flows, with its data. */
export function reportCallEvent(call: Call, [event, subject]: CallEvent): CallEventReport {
  const report = (name: string, details: Partial<CallEventReport> = {}): CallEventReport => ({
    event: name,
    call: call.ref,
    ...details,
  });
  switch (event) {
    case 'answered':
      return report('answered', { sip: { ...subject, sdp: call.sdp } });
    case 'digit':
      return report('dtmf', { digit: subject });
    case 'ended':
      return report('ended', { info: subject, sip: call.lastSip });
    case 'mediaReady':
      return report('media-ready');
    case 'transferRequest':
      return report('transfer-request', { sip: subject });
    case 'progress':
    case 'offerRefused':
    case 'replaced':
      return report(subject.event, { sip: { ...subject, sdp: call.sdp } });
    case 'transferProgress':
      return report(subject.event, { sip: subject });
    case 'message':
      return report('message', { message: subject });
    case 'held':
    case 'resumed':
      return report(event, { sip: { event, sdp: call.sdp } });
    case 'rtpTimeout':
      return report('rtp-timeout');
    case 'statistics':
      return report('statistics', { statistics: subject });
  }
}
