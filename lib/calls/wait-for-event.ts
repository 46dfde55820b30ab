import { type Clock, SipflowError } from '../common';
import type { Call, WaitEvent, WaitOutcome } from './types';
import { waitForOne } from './wait';

/** What can be waited for. */
export const WAIT_EVENTS = [
  'ringing',
  'early-media',
  'answered',
  'dtmf',
  'held',
  'resumed',
  'transfer-request',
  'ended',
] as const satisfies readonly WaitEvent[];

/**
 * Waits for the next occurrence of an event of a live call. What is true already is the caller's business.
 *
 * @param options.timeout seconds, 0 or absent = no limit
 */
export function waitForEvent(
  call: Pick<Call, 'on'>,
  event: WaitEvent,
  clock: Clock,
  options: { timeout?: number; signal?: AbortSignal },
): Promise<WaitOutcome> {
  return waitForOne<WaitOutcome>({
    clock,
    timeoutMs: (options.timeout ?? 0) * 1000,
    onTimeout: () => 'timeout',
    ...(options.signal ? { signal: options.signal } : {}),
    onAbort: () => new SipflowError('INTERNAL', 'The wait was aborted.'),
    begin: (settle) => [
      onEvent(call, event, () => settle('event')),
      call.on('ended', () => settle(event === 'ended' ? 'event' : 'ended')),
    ],
  });
}

function onEvent(call: Pick<Call, 'on'>, event: WaitEvent, listener: () => void): () => void {
  switch (event) {
    case 'ringing':
      return call.on('progress', (sip) => sip.status === 180 && listener());
    case 'early-media':
      return call.on('mediaReady', listener);
    case 'dtmf':
      return call.on('digit', listener);
    case 'answered':
    case 'held':
    case 'resumed':
      return call.on(event, listener);
    case 'transfer-request':
      return call.on('transferRequest', listener);
    case 'ended':
      return () => undefined;
  }
}
