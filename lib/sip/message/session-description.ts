import type { MessageBody } from '../types';
import type { HeaderFields } from './header-fields';
import { isIdentity, mediaTypeOf, readDisposition, readMultipart, type BodyPart } from './multipart';

/** Content type of session descriptions. */
export const SDP_TYPE = 'application/sdp';

/** Messages whose body is a session description or nothing to us; by the method in CSeq, so for responses too. */
const DESCRIBING = new Set(['INVITE', 'ACK', 'PRACK', 'UPDATE']);

/** Body of a message that may carry a session description, once read. */
export interface Content {
  /** The session description, whatever it was wrapped in. */
  description?: MessageBody;
  /**
   * Why the body cannot be taken, if so (RFC 3261, 8.2.3; RFC 5621, 8.3): `malformed` multipart, a compressed or
   * encoded one, or a part that must be understood and is not.
   */
  fault?: 'malformed' | 'encoding' | 'type';
}

const NOTHING: Content = {};

/** Whether the body of a message with that method in its CSeq is about a session. */
export function describesSession(method: string): boolean {
  return DESCRIBING.has(method);
}

/**
 * Finds the session description in the body of an INVITE, ACK, PRACK, UPDATE or a response to one: the body itself, or
 * the part of a multipart body that is SDP for a session (RFC 5621; RFC 3261, 20.11). Other parts, such as a location
 * or ISUP, are left, unless they say `handling=required`. Costs one comparison for a plain SDP body.
 */
export function readContent(entity: MessageBody | undefined, headers: HeaderFields): Content {
  if (!entity) return NOTHING;
  const usual = entity.contentType === SDP_TYPE && !headers.has('Content-Disposition');
  if (usual && !headers.has('Content-Encoding')) return { description: entity };
  const { contentType, content } = entity;
  const mediaType = mediaTypeOf(contentType);
  const whole = readDisposition(headers.first('Content-Disposition'));
  const optional = whole.handling === 'optional';
  if (!isIdentity(headers.first('Content-Encoding'))) return optional ? NOTHING : { fault: 'encoding' };
  if (mediaType.startsWith('multipart/')) {
    const parts = readMultipart(entity, isDescription);
    if (!parts) return optional ? NOTHING : { fault: 'malformed' };
    return readParts(parts, optional);
  }
  const part = { mediaType, contentType, ...whole, plain: true, contentId: undefined, content };
  if (isDescription(part)) return { description: { contentType: SDP_TYPE, content } };
  return optional ? NOTHING : { fault: 'type' };
}

/** @param optional whether nothing of the body need be understood */
function readParts(parts: readonly BodyPart[], optional: boolean): Content {
  const found = parts.find(isDescription);
  const needed = parts.some(
    (part) =>
      part !== found &&
      part.handling !== 'optional' &&
      // Beside a session description, only what insists; without one, whatever is not called optional.
      (part.handling === 'required' || !found),
  );
  return {
    ...(found && { description: { contentType: SDP_TYPE, content: found.content } }),
    ...(needed && !optional && { fault: 'type' }),
  };
}

/** SDP means a session, unless its disposition says otherwise, such as `early-session` (RFC 3959). */
function isDescription({ mediaType, disposition, plain }: BodyPart): boolean {
  return mediaType === SDP_TYPE && plain && (disposition === undefined || disposition === 'session');
}
