import type { CodecName } from '../../audio';
import { type Clock, SipflowError } from '../../common';
import { codecPreference } from '../../sdp';
import { assertBody, assertSendable, type SipDialog, type SipResponseInfo } from '../../sip';
import { requestOutcome } from '../report/request-report';
import { bodyOf, methodName } from '../request-method';
import { answeredWithin } from '../time-limit';
import type { CallRequestOptions, RequestOutcome } from '../types';
import type { Negotiation } from './negotiation';
import { offerRefusal } from './offer-refusal';
import { reoffer } from './reoffer';

/** Parts of a call that a request inside it uses. */
export interface RequestingCall {
  readonly dialog: SipDialog;
  readonly negotiation: Negotiation;
  readonly clock: Clock;
  /** Whether we have chosen the Call-ID. */
  readonly ownsCallId: boolean;
  /** Runs offers of ours one after the other. */
  inTurn<T>(offer: () => Promise<T>): Promise<T>;
}

/**
 * Sends a request inside a call. INVITE, and UPDATE with codecs, make an offer; after glare it is sent again
 * (RFC 3261, 14.1).
 *
 * @throws SipflowError (as a rejection) BAD_CONFIG for method, codecs, headers or body
 */
export async function requestInCall(
  call: RequestingCall,
  options: CallRequestOptions,
): Promise<RequestOutcome> {
  const method = methodName(options.method);
  assertSendable(method, true);
  const body = bodyOf(options);
  assertBody(body);
  const codecs = codecsOf(method, options.codecs);
  const { clock, dialog, negotiation } = call;
  const { headers, timeout } = options;
  const began = clock.now();
  if (method === 'INVITE' || codecs) {
    assertNoDescription(method, body?.contentType);
    const response = await answeredWithin(
      clock,
      timeout,
      call.inTurn(() => offer(call, method as 'INVITE' | 'UPDATE', codecs, headers)),
    );
    const refused = offerRefusal(response, negotiation);
    const failure = refused && { code: refused.code, message: response.diagnosis ?? refused.diagnosis };
    return requestOutcome(method, response, clock.now() - began, failure);
  }
  if (method === 'UPDATE') assertNoDescription(method, body?.contentType);
  const response = await answeredWithin(
    clock,
    timeout,
    dialog.request(method, { ...(headers ? { headers } : {}), ...(body ? { body } : {}) }),
  );
  return requestOutcome(method, response, clock.now() - began);
}

async function offer(
  { dialog, negotiation, clock, ownsCallId }: RequestingCall,
  method: 'INVITE' | 'UPDATE',
  codecs: readonly CodecName[] | undefined,
  headers: CallRequestOptions['headers'],
): Promise<SipResponseInfo> {
  const takeBack = codecs && negotiation.changeCodecs(codecs);
  let done = false;
  try {
    const response = await reoffer(dialog, negotiation, clock, {
      method,
      ownsCallId,
      ...(headers ? { headers } : {}),
    });
    done = response.status < 300;
    return response;
  } finally {
    if (!done) takeBack?.();
  }
}

function codecsOf(method: string, codecs: string[] | undefined): readonly CodecName[] | undefined {
  if (!codecs?.length) return undefined;
  if (method === 'INVITE' || method === 'UPDATE') return codecPreference(codecs, { pcmuFallback: false });
  throw new SipflowError(
    'BAD_CONFIG',
    `Codecs belong to INVITE and UPDATE, which make an offer; ${method} makes none.`,
    { field: 'codecs' },
  );
}

/** Refuses a body of the flow in INVITE and UPDATE: the negotiation would not know an offer in it. */
function assertNoDescription(method: string, contentType: string | undefined): void {
  if (contentType === undefined) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `The session description of an ${method} is made by the phone: leave the body empty, and name codecs to change them.`,
    { field: 'body' },
  );
}
