import type { SipRequestInfo } from '../sip/types';
import type { TextMessage } from './types';

/** A MESSAGE as flows see it. */
export function textMessage({ headers, body }: SipRequestInfo): TextMessage {
  return {
    from: headers['From']?.[0] ?? '',
    to: headers['To']?.[0] ?? '',
    contentType: body?.contentType ?? null,
    text: body?.content ?? '',
    headers,
  };
}
