import type { Failure } from '../../common';
import type { Notification, SipResponseInfo, SubscriptionEnd } from '../../sip';
import type { NotifyReport, RequestOutcome, RequestReport } from '../types';
import { failureOf, reportResponse } from './sip-report';
import { readableBody } from './text-message';

/** `msg.sip` for the final response to a request. */
export function reportRequest(event: string, response: SipResponseInfo, durationMs: number): RequestReport {
  const { body, diagnosis } = response;
  return {
    ...reportResponse(event, response, diagnosis),
    body: body ? readableBody(body) : null,
    contentType: body?.contentType ?? null,
    durationMs: Math.round(durationMs),
  };
}

/**
 * Outcome of a request, from its final response.
 *
 * @param failure that of a 2xx whose answer cannot be used, or of a refusal that says more
 */
export function requestOutcome(
  method: string,
  response: SipResponseInfo,
  durationMs: number,
  failure?: Failure,
): RequestOutcome {
  if (response.status < 300) {
    return { kind: 'answered', sip: reportRequest('answered', response, durationMs) };
  }
  const sip = reportRequest('failed', response, durationMs);
  return { kind: 'failed', sip, failure: failure ?? requestFailure(method, response) };
}

function requestFailure(method: string, { status, reason, diagnosis, fault }: SipResponseInfo): Failure {
  const message =
    diagnosis ??
    (status === 408
      ? `${method} was not answered in time.`
      : `${method} was answered with ${status} ${reason}.`);
  const known = failureOf(status, reason, message).code;
  const code = fault ?? (known === 'AUTH' || known === 'TIMEOUT' ? known : 'REQUEST_REJECTED');
  return { code, message };
}

/** `msg.sip` for a notification. */
export function reportNotify({ request, state, reason, retryAfter }: Notification): NotifyReport {
  const { headers, body } = request;
  return {
    event: 'notify',
    headers,
    body: body ? readableBody(body) : null,
    contentType: body?.contentType ?? null,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** Outcome of a subscription, from its end. */
export function subscriptionOutcome(end: SubscriptionEnd, durationMs: number): RequestOutcome {
  const { kind, response, reason, retryAfter } = end;
  if (kind === 'refused' && response) return requestOutcome('SUBSCRIBE', response, durationMs);
  const sip: RequestReport = {
    event: kind === 'stopped' || kind === 'fetched' ? 'unsubscribed' : 'terminated',
    ...(response ? { status: response.status, reason: response.reason, headers: response.headers } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    body: null,
    contentType: null,
    durationMs: Math.round(durationMs),
  };
  if (kind === 'stopped' || kind === 'fetched') return { kind: 'answered', sip };
  return { kind: 'failed', sip, failure: endFailure(end) };
}

function endFailure({ kind, response, reason, retryAfter }: SubscriptionEnd): Failure {
  if (kind === 'silent') {
    return { code: 'TIMEOUT', message: 'The subscription was accepted, but its first NOTIFY never came.' };
  }
  if (kind === 'expired') {
    const why = response ? `: ${response.status} ${response.reason}` : '';
    return {
      code: response?.fault ?? (response?.status === 408 ? 'TIMEOUT' : 'REQUEST_REJECTED'),
      message: `The subscription could not be refreshed${why}.`,
    };
  }
  const why = reason === undefined ? '' : ` (${reason})`;
  const again = retryAfter === undefined ? '' : ` It may be asked for again in ${retryAfter} s.`;
  return { code: 'REQUEST_REJECTED', message: `The other side ended the subscription${why}.${again}` };
}
