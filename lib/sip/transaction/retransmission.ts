import type { TimerSettings } from './timer-settings';

/**
 * Messages sent again until they are answered, on transports that may lose them (RFC 3261):
 * an INVITE (timers A and B), another request (E and F), a final non-2xx answer to INVITE (G and H).
 */
export type RetransmissionKind = 'invite' | 'request' | 'invite-answer';

export interface RetransmissionState {
  readonly kind: RetransmissionKind;
  /** Milliseconds until the timer is to fire. */
  readonly wait: number;
  /** Current retransmission interval in milliseconds; `wait` is shorter at the very end. */
  readonly interval: number;
  /** Milliseconds since the first transmission when the timer fires. */
  readonly due: number;
}

/** `provisional` and `final` are responses to our request, `ack` is the ACK to our answer. */
export type RetransmissionEvent = 'timer' | 'provisional' | 'final' | 'ack';

/** The next state and whether to send now; `undefined` when nothing is left to do. */
export type RetransmissionStep = { readonly state: RetransmissionState; readonly send: boolean } | undefined;

/** The state right after the first transmission. */
export function startRetransmission(kind: RetransmissionKind, timers: TimerSettings): RetransmissionState {
  return { kind, wait: timers.t1, interval: timers.t1, due: timers.t1 };
}

/**
 * One step of the state machine; `timer` means that `wait` has passed. Intervals double: without limit for an
 * INVITE, up to T2 for the others; a provisional response ends an INVITE's and stretches a request's to T2.
 * Everything ends after 64·T1.
 */
export function stepRetransmission(
  state: RetransmissionState,
  event: RetransmissionEvent,
  timers: TimerSettings,
): RetransmissionStep {
  if (event === 'final' || event === 'ack') return undefined;
  if (event === 'provisional') {
    if (state.kind === 'invite') return undefined;
    const lastFired = state.due - state.wait;
    return { state: next(state.kind, lastFired, timers.t2, timers), send: false };
  }
  if (state.due >= 64 * timers.t1) return undefined;
  const doubled = state.interval * 2;
  const interval = state.kind === 'invite' ? doubled : Math.min(doubled, timers.t2);
  return { state: next(state.kind, state.due, interval, timers), send: true };
}

function next(
  kind: RetransmissionKind,
  elapsed: number,
  interval: number,
  timers: TimerSettings,
): RetransmissionState {
  const wait = Math.min(interval, 64 * timers.t1 - elapsed);
  return { kind, wait, interval, due: elapsed + wait };
}
