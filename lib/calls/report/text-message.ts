import { maskKeys } from '../../common';
import type { MessageBody, SipRequestInfo } from '../../sip';
import type { TextMessage } from '../types';

/** Bodies that may hold a session description, and in it keys. */
const WITH_SDP = /^(?:application\/sdp|multipart\/|message\/)/i;

/** A MESSAGE as flows see it. */
export function textMessage({ headers, body }: SipRequestInfo): TextMessage {
  return {
    from: headers['From']?.[0] ?? '',
    to: headers['To']?.[0] ?? '',
    contentType: body?.contentType ?? null,
    text: body ? readableBody(body) : '',
    headers,
  };
}

/** A body as text, with the keys of a session description made unreadable. */
export function readableBody({ contentType, content }: MessageBody): string {
  return WITH_SDP.test(contentType.trim()) ? maskKeys(content) : content;
}
