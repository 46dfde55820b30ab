import type { HeaderField } from './extra-headers';
import type { ResponseOptions } from './serialise';
import type { SipRequest } from './sip-message';

/** Bytes that a refusal by UDP may have for each byte of the request. */
const MOST_PER_BYTE = 1.5;
/** 36 bits; a tag needs 32 (RFC 3261, 19.3). */
const TAG_LENGTH = 6;
/** Fields that a response repeats after the Vias, under the shortest names (RFC 3261, 7.3.3 and 8.2.6.2). */
const ECHOED: readonly HeaderField[] = [
  ['From', 'f'],
  ['To', 't'],
  ['Call-ID', 'i'],
  ['CSeq', 'CSeq'],
];

/**
 * Whether a refusal is so much larger than its request that a stranger could flood the owner of a forged address with
 * it.
 *
 * @param length of the refusal as it is usually written, bytes
 */
export function amplifies({ size }: SipRequest, { status }: ResponseOptions, length: number): boolean {
  return status >= 300 && length > MOST_PER_BYTE * size;
}

/**
 * Writes a refusal as short as the grammar allows: compact names, a short tag, no reason phrase, no Server, and no
 * Content-Length, which a datagram does not need. Allow stays only where it must (RFC 3261, 21.4.6).
 */
export function writeTerseResponse(request: SipRequest, options: ResponseOptions): string {
  const { status, toTag, fields = [] } = options;
  const { headers } = request;
  let text = `SIP/2.0 ${status} \r\n`;
  for (const via of headers.all('Via')) text += `v:${via}\r\n`;
  for (const [name, short] of ECHOED) {
    const value = headers.first(name);
    if (value === undefined) continue;
    const tag = name === 'To' && request.toTag === undefined && toTag !== undefined;
    text += `${short}:${value}${tag ? `;tag=${toTag.slice(0, TAG_LENGTH)}` : ''}\r\n`;
  }
  for (const [name, value] of fields) {
    if (name !== 'Allow') text += `${name}: ${value}\r\n`;
    else if (status === 405) text += `Allow:${value.replaceAll(', ', ',')}\r\n`;
  }
  return `${text}\r\n`;
}
