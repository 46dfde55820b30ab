import type { ErrorCode, Failure } from '../../common';
import { contactsOf, type RegistrationReport, type SipResponseInfo } from '../../sip';
import type { SipReport } from '../types';

/** `msg.sip` for a response of the peer. */
export function reportResponse(event: string, response: SipResponseInfo, diagnosis?: string): SipReport {
  const { status, reason, headers } = response;
  const report: SipReport = { event, status, reason, headers };
  const contacts = redirectContacts(response);
  if (contacts.length > 0) report.contacts = contacts;
  if (diagnosis !== undefined) report.diagnosis = diagnosis;
  return report;
}

/** URIs of a 3xx, best first; empty for any other response. */
export function redirectContacts({ status, headers }: SipResponseInfo): string[] {
  return status >= 300 && status < 400 ? contactsOf(headers) : [];
}

/** Failure for a final response, with the error code of its status. */
export function failureOf(
  status: number,
  reason: string,
  diagnosis?: string,
  code = failureCode(status),
): Failure {
  return { code, message: diagnosis ?? `The call failed with ${status} ${reason}.` };
}

function failureCode(status: number): ErrorCode {
  switch (status) {
    case 401:
    case 407:
      return 'AUTH';
    case 408:
      return 'TIMEOUT';
    case 488:
    case 606:
      return 'NO_COMMON_CODEC';
    default:
      return 'CALL_REJECTED';
  }
}

/**
 * Final responses that a server may give to a phone that it does not know at the moment; none at all (408) and an
 * unreachable server (503) have the same cause as a registration that fails.
 */
const UNREGISTERED_STATUSES: readonly number[] = [401, 403, 404, 407, 408, 480, 503];

/** A sentence for a call that failed while its phone was not registered; undefined when that cannot be the cause. */
export function registrationAdvice(
  status: number,
  registrar: string | undefined,
  report: RegistrationReport | undefined,
): string | undefined {
  if (
    registrar === undefined ||
    !report ||
    report.state === 'registered' ||
    !UNREGISTERED_STATUSES.includes(status)
  ) {
    return undefined;
  }
  const why = report.error ? `: ${report.error.message}` : ' yet.';
  return `This phone is not registered at ${registrar}${why}`;
}
