import type { Clock } from '../common';
import { reasonPhrase, type SipResponseInfo } from '../sip';
import type { Call, RequestOutcome } from './types';

/**
 * A response, or a 408 when none arrives in time. A later one is ignored.
 *
 * @param seconds undefined or 0 for no limit of ours: the transaction has one
 */
export function answeredWithin(
  clock: Clock,
  seconds: number | undefined,
  response: Promise<SipResponseInfo>,
): Promise<SipResponseInfo> {
  if (!seconds) return response;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(
      () => resolve({ status: 408, reason: reasonPhrase(408), headers: {} }),
      seconds * 1000,
    );
    response.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

/** Outcome of a request inside a call; CALL_ENDED when the call ends first, as its dialog brings no answer then. */
export async function unlessEnded(
  call: Pick<Call, 'on'>,
  request: Promise<RequestOutcome>,
): Promise<RequestOutcome> {
  let stop = (): void => undefined;
  const ended = new Promise<RequestOutcome>((resolve) => {
    stop = call.on('ended', () => {
      const failure = {
        code: 'CALL_ENDED',
        message: 'The call ended before the request was answered.',
      } as const;
      const sip = { event: 'ended', body: null, contentType: null, durationMs: 0 };
      resolve({ kind: 'failed', sip, failure });
    });
  });
  try {
    return await Promise.race([request, ended]);
  } finally {
    stop();
  }
}
