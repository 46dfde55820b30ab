import type { MessageBody } from '../sip';
import type { RequestOptions } from './types';

/** The method as it is sent: in upper case (RFC 3261, 7.1), whichever case the flow uses. */
export function methodName(text: string): string {
  return text.trim().toUpperCase();
}

/** The body of a request; undefined when there is none. */
export function bodyOf({
  body,
  contentType,
}: Pick<RequestOptions, 'body' | 'contentType'>): MessageBody | undefined {
  if (body === undefined || body === '') return undefined;
  return { content: body, contentType: contentType?.trim() || 'text/plain' };
}
