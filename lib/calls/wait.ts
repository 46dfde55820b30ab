import { SipflowError, type Clock } from '../common';
import type { Call, WaitEvent, WaitOutcome } from './types';

/**
 * Waits for exactly one of: a settled value, a time-out, an abort. The first one wins, and the
 * timer and all listeners of the wait are removed.
 *
 * @param options.begin subscribes and returns the functions that unsubscribe; it may settle at once
 * @param options.timeoutMs 0 or absent = no limit
 */
export function waitForOne<T>(options: {
  clock: Clock;
  begin: (settle: (value: T) => void, fail: (error: Error) => void) => (() => void)[];
  timeoutMs?: number;
  onTimeout?: () => T | Error;
  signal?: AbortSignal;
  onAbort?: () => T | Error;
}): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let over = false;
    let undo: (() => void)[] = [];
    const finish = (deliver: () => void): void => {
      if (over) return;
      over = true;
      for (const f of undo) f();
      deliver();
    };
    const settle = (value: T): void => finish(() => resolve(value));
    const fail = (error: Error): void => finish(() => reject(error));
    const settleWith = (result: T | Error): void => (result instanceof Error ? fail(result) : settle(result));

    undo = options.begin(settle, fail);
    if (over) {
      for (const f of undo) f();
      return;
    }
    const { signal, timeoutMs, onTimeout } = options;
    if (timeoutMs && onTimeout) {
      const timer = options.clock.setTimeout(() => settleWith(onTimeout()), timeoutMs);
      undo.push(() => options.clock.clearTimeout(timer));
    }
    if (signal) {
      const abort = (): void => settleWith(options.onAbort?.() ?? new Error('aborted'));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      undo.push(() => signal.removeEventListener('abort', abort));
    }
  });
}

/** Events of a call that can be waited for. */
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
 * Waits for the next occurrence of an event of a live call. The caller checks whether it has occurred already.
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
