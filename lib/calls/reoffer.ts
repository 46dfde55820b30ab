import { randomInt } from 'node:crypto';
import type { Clock } from '../common/clock';
import type { SipDialog, SipResponseInfo } from '../sip/types';
import type { Negotiation } from './negotiation';
import { failureOf, reportResponse } from './report';
import type { HoldOutcome } from './types';

const SDP = 'application/sdp';
/** How often a re-INVITE that collides with the peer's is sent again. */
const GLARE_ATTEMPTS = 4;

/** Holds the peer, or takes it back, by a re-INVITE with the direction that says so (RFC 3264, 8.4). */
export async function changeHold(
  action: 'hold' | 'resume',
  dialog: SipDialog,
  negotiation: Negotiation,
  clock: Clock,
  ownsCallId: boolean,
): Promise<HoldOutcome> {
  negotiation.hold(action === 'hold');
  const response = await reoffer(dialog, negotiation, clock, ownsCallId);
  const { status, reason, diagnosis } = response;
  if (status < 300) {
    return { kind: 'done', sip: reportResponse(action === 'hold' ? 'holding' : 'resumed', response) };
  }
  // What was asked for did not happen: the next offer must not ask for it again by the way.
  negotiation.hold(action !== 'hold');
  const sip = reportResponse('failed', response, diagnosis);
  return { kind: 'failed', sip, failure: failureOf(status, reason, diagnosis) };
}

/**
 * Sends our next offer in a re-INVITE and applies the answer. A collision (491) is tried again after a
 * random pause: the side that chose the Call-ID waits 2.1–4 s, the other one up to 2 s (RFC 3261, 14.1).
 *
 * @returns the final response; a 2xx whose answer cannot be used comes back as 488 with a diagnosis
 */
async function reoffer(
  dialog: SipDialog,
  negotiation: Negotiation,
  clock: Clock,
  ownsCallId: boolean,
): Promise<SipResponseInfo> {
  for (let attempt = 1; ; attempt += 1) {
    const body = { contentType: SDP, content: negotiation.offer() };
    const response = await dialog.request('INVITE', { body });
    if (response.status === 491 && attempt < GLARE_ATTEMPTS) {
      await pause(clock, ownsCallId ? randomInt(210, 401) * 10 : randomInt(0, 201) * 10);
      continue;
    }
    if (response.status >= 300 || !response.body) return response;
    const result = negotiation.complete(response.body.content);
    if (result.ok) return response;
    return { ...response, status: 488, reason: 'Not Acceptable Here', diagnosis: result.diagnosis };
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
