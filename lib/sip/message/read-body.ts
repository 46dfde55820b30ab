import { decimal } from '../../common';
import type { MessageBody } from '../types';
import type { HeaderFields } from './header-fields';
import { MESSAGE_LIMITS } from './limits';

/** Why a request with such a body is refused. */
export interface BodyFault {
  status: 400 | 513;
  reason: string;
}

const NO_BODY: { body?: MessageBody } = {};

/**
 * The body that its Content-Length cuts out of what follows the header section.
 *
 * @param method of a request; a response with a length that is no number is read to its end
 * @param read the text between two places of the message
 */
export function readBody(
  { start, limit }: { start: number; limit: number },
  headers: HeaderFields,
  method: string | undefined,
  read: (from: number, to: number) => string,
): { body?: MessageBody } | { fault: BodyFault } {
  const declared = headers.first('Content-Length');
  const length = declared === undefined ? undefined : decimal(declared, 9);
  if (declared !== undefined && length === undefined && method !== undefined) {
    return { fault: { status: 400, reason: 'Malformed Content-Length' } };
  }
  const end = length === undefined ? limit : start + length;
  if (end > limit) {
    // A stream is not read further than the header section of what would be too large.
    return end > MESSAGE_LIMITS.bytes
      ? { fault: { status: 513, reason: 'Message Too Large' } }
      : { fault: { status: 400, reason: 'Body Shorter Than Content-Length' } };
  }
  if (end <= start) return NO_BODY;
  const contentType = headers.first('Content-Type');
  if (contentType === undefined || contentType === '') return NO_BODY;
  return { body: { contentType, content: read(start, end) } };
}
