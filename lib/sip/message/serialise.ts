import type { MessageBody } from '../types';
import type { HeaderField } from './extra-headers';
import { withoutControls } from './header-values';
import { reasonPhrase } from './reason-phrases';
import type { SipRequest } from './sip-message';

export interface ResponseOptions {
  status: number;
  reason?: string;
  /** Put into To when the request's To has no tag; never into a 100. */
  toTag?: string;
  fields?: readonly HeaderField[];
  body?: MessageBody;
}

/** Fields that a response repeats after the Vias (RFC 3261, 8.2.6.2). */
const ECHOED = ['From', 'To', 'Call-ID', 'CSeq'];

/**
 * Writes the response to a request: Via, From, To, Call-ID and CSeq echo the request's text
 * (RFC 3261, 8.2.6.2). Fields that a broken request lacks are left out.
 */
export function writeResponse(request: SipRequest, options: ResponseOptions): string {
  const { headers } = request;
  const reason =
    options.reason === undefined ? reasonPhrase(options.status) : withoutControls(options.reason);
  let text = `SIP/2.0 ${options.status} ${reason}\r\n`;
  for (const via of headers.all('Via')) text += `Via: ${via}\r\n`;
  for (const name of ECHOED) {
    let value = headers.first(name);
    if (value === undefined) continue;
    if (name === 'To' && options.toTag !== undefined && options.status > 100 && request.toTag === undefined) {
      value += `;tag=${options.toTag}`;
    }
    text += `${name}: ${value}\r\n`;
  }
  return text + writeFields(options.fields ?? []) + writeBody(options.body);
}

/** Hops that a request may take (RFC 3261, 8.1.1.6). */
export const MAX_FORWARDS = 70;

/** The beginning of a request; what proxies need comes first (RFC 3261, 7.3.1). */
export function writeRequestLine(
  method: string,
  uri: string,
  via: string,
  routes: readonly string[],
  maxForwards = MAX_FORWARDS,
): string {
  let text = `${method} ${uri} SIP/2.0\r\nVia: ${via}\r\n`;
  for (const route of routes) text += `Route: ${route}\r\n`;
  return `${text}Max-Forwards: ${maxForwards}\r\n`;
}

/** Header fields as they stand in a message. */
export function writeFields(fields: readonly HeaderField[]): string {
  let text = '';
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
  return text;
}

/** The end of any message: the body with its two fields. */
export function writeBody(body: MessageBody | undefined): string {
  if (!body || body.content === '') return 'Content-Length: 0\r\n\r\n';
  const length = Buffer.byteLength(body.content);
  return `Content-Type: ${withoutControls(body.contentType)}\r\nContent-Length: ${length}\r\n\r\n${body.content}`;
}
