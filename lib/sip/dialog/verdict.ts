import type { SipResponseInfo } from '../types';

/** Requests that concern something else than the session: one provisional response, or a subscription (RFC 5057, 5.1). */
const OF_SOMETHING_ELSE: readonly string[] = ['PRACK', 'NOTIFY'];

/**
 * Why a dialog is over, by the final response to a request of ours in it: 481, and 408, which also stands for no answer
 * at all (RFC 3261, 12.2.1.2). Undefined when it goes on. An OPTIONS without an answer does not count, because peers
 * exist that ignore it: whoever asks judges the silence.
 */
export function reasonToEnd(method: string, { status, reason }: SipResponseInfo): string | undefined {
  if (OF_SOMETHING_ELSE.includes(method)) return undefined;
  if (status === 481) return `the peer answered ${method} with 481 ${reason}`;
  return status === 408 && method !== 'OPTIONS' ? `the peer did not answer ${method}` : undefined;
}
