import type { MessageBody } from '../types';

/** Status of the call that a REFER asked for, in a NOTIFY: the status line of its latest response. */
export interface ReferStatus {
  status: number;
  reason: string;
}

const CONTENT_TYPE = 'message/sipfrag;version=2.0';
const STATUS_LINE = /^\s*SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]{0,200}))?/i;

/** Reads the body of a NOTIFY (RFC 3420); undefined when it is no status line. */
export function parseSipfrag(body: MessageBody | undefined): ReferStatus | undefined {
  if (!body || !/^\s*message\/sipfrag\s*(?:;|$)/i.test(body.contentType)) return undefined;
  const match = STATUS_LINE.exec(body.content);
  return match ? { status: Number(match[1]), reason: match[2]?.trim() ?? '' } : undefined;
}

export function writeSipfrag({ status, reason }: ReferStatus): MessageBody {
  return { contentType: CONTENT_TYPE, content: `SIP/2.0 ${status} ${reason}\r\n` };
}
