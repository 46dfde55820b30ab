import type { ErrorCode, Failure } from '../../common';
import type { SipResponseInfo } from '../../sip';
import { redirectContacts } from '../peer/redirect';
import type { SipReport } from '../types';

/** `msg.sip` for a response of the peer. */
export function reportResponse(event: string, response: SipResponseInfo, diagnosis?: string): SipReport {
  const contacts = redirectContacts(response);
  return {
    event,
    status: response.status,
    reason: response.reason,
    headers: response.headers,
    ...(contacts.length > 0 ? { contacts } : {}),
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
}

/** The failure that stands for a final response: its code tells a flow what kind of trouble it is. */
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
