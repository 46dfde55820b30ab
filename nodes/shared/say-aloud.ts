import type { NodeAPI } from 'node-red';
import { isSpoken } from '../../lib/calls';
import { SipflowError } from '../../lib/common';
import { localised } from './localise';
import { namesFilledIn } from './spoken';
import { world } from './world';

/** Path of what a field would say: `POST` with `{source}` as JSON. */
export const SAY_PATH = '/sipflow/say';

/**
 * Says the text of a field for the form of a node: `{wav}` in Base64, or status 422 and `{code, message}`. It needs the
 * permission to change flows, since a program runs for it; a flow could do the same.
 */
export function serveSpeech(RED: NodeAPI): void {
  RED.httpAdmin.post(SAY_PATH, RED.auth.needsPermission('flows.write'), (request, response) => {
    const body: unknown = request.is('json') ? request.body : undefined;
    sayAloud(body).then(
      (wav) => response.json({ wav: Buffer.from(wav).toString('base64') }),
      (error: unknown) => response.status(422).json(localised(error).toFailure()),
    );
  });
}

async function sayAloud(body: unknown): Promise<Uint8Array> {
  const source = typeof body === 'object' && body !== null && 'source' in body ? body.source : undefined;
  if (!isSpoken(source))
    throw new SipflowError('BAD_AUDIO', 'Only what is said can be listened to here: say:…');
  return world.say(namesFilledIn(source));
}
