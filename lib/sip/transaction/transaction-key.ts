import type { SipRequest, SipResponse } from '../message/sip-message';
import { BRANCH_COOKIE } from '../message/tokens';

/**
 * Identifies the server transaction of a request, or of the response to it (RFC 3261, 17.2.3): branch, sent-by
 * and method, where ACK and CANCEL share the key of their INVITE. A branch without the magic cookie comes from
 * an RFC 2543 client and is not unique: there the call, the sequence number and the caller's tag identify it.
 */
export function transactionKey(message: SipRequest | SipResponse): string {
  const { via, cseq } = message;
  const method = cseq.method === 'ACK' || cseq.method === 'CANCEL' ? 'INVITE' : cseq.method;
  const sentBy = `${via.host}:${via.port ?? ''}`;
  if (via.branch.length > BRANCH_COOKIE.length && via.branch.startsWith(BRANCH_COOKIE)) {
    return `${via.branch}|${sentBy}|${method}`;
  }
  return `2543|${message.callId}|${cseq.number}|${message.fromTag ?? ''}|${sentBy}|${via.branch}|${method}`;
}

/** Identifies the client transaction of a response: the branch is ours and unique, CANCEL shares its INVITE's. */
export function clientKey(branch: string, method: string): string {
  return branch + method;
}
