import { randomInt } from 'node:crypto';
import type { Clock } from '../../common';
import type { ExtraHeaders, SipDialog, SipResponseInfo } from '../../sip';
import { failureOf, reportResponse } from '../report/sip-report';
import type { HoldOutcome } from '../types';
import type { Negotiation } from './negotiation';
import { explainedRefusal } from './offer-refusal';

const SDP = 'application/sdp';
/** How often a re-INVITE that collides with the peer's is sent again. */
const GLARE_ATTEMPTS = 4;

/** Options of a re-INVITE or UPDATE. */
export interface ReofferOptions {
  /** INVITE when absent. */
  method?: 'INVITE' | 'UPDATE';
  /** Whether we have chosen the Call-ID. */
  ownsCallId: boolean;
  /** Header fields of the flow. */
  headers?: ExtraHeaders;
}

/** Holds the peer, or takes it back, by a re-INVITE with the direction that says so (RFC 3264, 8.4). */
export async function changeHold(
  action: 'hold' | 'resume',
  dialog: SipDialog,
  negotiation: Negotiation,
  clock: Clock,
  options: ReofferOptions,
): Promise<HoldOutcome> {
  negotiation.hold(action === 'hold');
  let done = false;
  let response: SipResponseInfo;
  try {
    response = await reoffer(dialog, negotiation, clock, options);
    done = response.status < 300;
  } finally {
    // The change was refused: the next offer must not repeat it.
    if (!done) negotiation.hold(action !== 'hold');
  }
  const { status, reason } = response;
  if (done) return { kind: 'done', sip: reportResponse(action === 'hold' ? 'holding' : 'resumed', response) };
  // Who took the codecs before has another reason, unless it says so.
  const refused = explainedRefusal(response, negotiation);
  const diagnosis = response.diagnosis ?? refused?.diagnosis;
  const sip = reportResponse('failed', response, diagnosis);
  const code = refused?.code ?? (status === 488 || status === 606 ? 'CALL_REJECTED' : undefined);
  const sentence = `The other side refused with ${status} ${reason}; the call goes on as before.`;
  return { kind: 'failed', sip, failure: failureOf(status, reason, diagnosis ?? sentence, code) };
}

/**
 * Sends our next offer in a re-INVITE or UPDATE and applies the answer. A collision (491) is tried again after a
 * random pause: the side that chose the Call-ID waits 2.1–4 s, the other one up to 2 s (RFC 3261, 14.1).
 *
 * @returns the final response; a 2xx whose answer cannot be used comes back as 488 with a diagnosis
 */
export async function reoffer(
  dialog: SipDialog,
  negotiation: Negotiation,
  clock: Clock,
  { method = 'INVITE', ownsCallId, headers }: ReofferOptions,
): Promise<SipResponseInfo> {
  for (let attempt = 1; ; attempt += 1) {
    const body = { contentType: SDP, content: negotiation.offer() };
    const response = await dialog.request(method, { body, ...(headers ? { headers } : {}) });
    if (response.status === 491 && attempt < GLARE_ATTEMPTS) {
      await pause(clock, ownsCallId ? randomInt(210, 401) * 10 : randomInt(0, 201) * 10);
      continue;
    }
    if (response.status >= 300 || !response.body) return response;
    await negotiation.lookUp(response.body.content);
    const result = negotiation.complete(response.body.content);
    if (result.ok) return response;
    return { ...response, status: 488, reason: 'Not Acceptable Here', diagnosis: result.diagnosis };
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}
