/** A response as a test peer sees it: bytes as latin1, so that every byte is one character. */
export interface ReceivedResponse {
  status: number;
  reason: string;
  /** Name as written, value unfolded and trimmed; in order. */
  fields: [name: string, value: string][];
  body: string;
  bytes: Buffer;
}

/** Reads a response of a user agent; undefined for a request. It trusts the sender: this is for our own output. */
export function readResponse(bytes: Buffer): ReceivedResponse | undefined {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [start, ...lines] = text.slice(0, end).split('\r\n');
  const match = /^SIP\/2\.0 (\d{3}) (.*)$/.exec(start);
  if (!match || end < 0) return undefined;
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    fields.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return { status: Number(match[1]), reason: match[2], fields, body: text.slice(end + 4), bytes };
}

/** Whether it answers an INVITE, so that an ACK is due. */
export function isToInvite(response: ReceivedResponse): boolean {
  return /INVITE/.test(response.fields.find(([name]) => name.toLowerCase() === 'cseq')?.[1] ?? '');
}

/**
 * The ACK of a final response that is no 2xx (RFC 3261, 17.1.1.3), made of the response alone, because the
 * requests of the corpus are often too broken to make it of them.
 *
 * @param requestUri of the INVITE
 */
export function ackFor(response: ReceivedResponse, requestUri = 'sip:user@example.com'): Buffer {
  const value = (wanted: string): string =>
    response.fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
  const lines = [
    `ACK ${requestUri} SIP/2.0`,
    `Via: ${value('via')}`,
    'Max-Forwards: 70',
    `From: ${value('from')}`,
    `To: ${value('to')}`,
    `Call-ID: ${value('call-id')}`,
    `CSeq: ${parseInt(value('cseq'), 10)} ACK`,
    'Content-Length: 0',
    '',
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
