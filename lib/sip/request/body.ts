import { SipflowError } from '../../common';
import type { MessageBody } from '../types';

/** A body that a flow may send, bytes. Our own limit for what comes in is that of a datagram. */
const MAX_BODY_BYTES = 1_048_576;

/** `type/subtype` with parameters, without anything that could begin another field. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+(?:\s*;[\x20-\x7e]*)?$/;

/**
 * Checks the body of a request that a flow has asked for.
 *
 * @throws SipflowError BAD_CONFIG when it is too large or its content type is none
 */
export function assertBody(body: MessageBody | undefined): void {
  if (!body) return;
  const bytes = Buffer.byteLength(body.content);
  if (bytes > MAX_BODY_BYTES) {
    throw new SipflowError('BAD_CONFIG', `The body has ${bytes} bytes; at most ${MAX_BODY_BYTES} are sent.`);
  }
  if (!MEDIA_TYPE.test(body.contentType)) {
    throw new SipflowError(
      'BAD_CONFIG',
      '"contentType" must be a media type such as text/plain or application/json.',
      { field: 'contentType' },
    );
  }
}
