import type { ReferStatus } from './sipfrag';

/** Outcome of the call that we asked for by REFER. */
export interface ReferOutcome extends ReferStatus {
  /**
   * `final`: the peer reported it. `refused`: the peer did not take the REFER. `silent`: it stopped reporting, or never
   * began. `ended`: the dialog ended before the outcome was known.
   */
  origin: 'final' | 'refused' | 'silent' | 'ended';
}

/** State of the subscription that a REFER makes (RFC 3515, 2.4.4; RFC 6665, 4.1). */
export interface ReferProgress {
  readonly phase: 'sent' | 'accepted' | 'active' | 'over';
  /** The last status that was reported, so that a repeated one is no news. */
  readonly last?: number;
}

/** Events of that subscription. */
export type ReferEvent =
  | { type: 'response'; status: number; reason: string; subscribed: boolean }
  | { type: 'notify'; state: 'active' | 'terminated'; expires?: number; report?: ReferStatus }
  | { type: 'timeout' }
  | { type: 'ended' };

/** Step of the state machine: what an event leads to. */
export interface ReferStep {
  next: ReferProgress;
  progress?: ReferStatus;
  outcome?: ReferOutcome;
  /** Milliseconds from now within which the next event must come. */
  patienceMs?: number;
}

/** Seconds that a subscription lasts when the peer does not say, and at most. */
const USUAL_EXPIRES = 60;
const MAX_EXPIRES = 180;
/** A NOTIFY that comes a little after the subscription's end is still good. */
const GRACE_MS = 2000;

const OVER: ReferProgress = { phase: 'over' };

/**
 * The subscription as a pure state machine. A final status ends it, whatever Subscription-State says; a
 * subscription that ends without one has an unknown outcome.
 *
 * @param firstNotifyMs how long the first NOTIFY may take (64·T1)
 */
export function nextReferStep(progress: ReferProgress, event: ReferEvent, firstNotifyMs: number): ReferStep {
  if (progress.phase === 'over') return { next: OVER };
  switch (event.type) {
    case 'response':
      return answered(progress, event, firstNotifyMs);
    case 'notify':
      return notified(progress, event);
    case 'timeout':
      return over({ status: 408, reason: 'Request Timeout', origin: 'silent' });
    case 'ended':
      return over({ status: 487, reason: 'Request Terminated', origin: 'ended' });
  }
}

function answered(
  progress: ReferProgress,
  { status, reason, subscribed }: Extract<ReferEvent, { type: 'response' }>,
  firstNotifyMs: number,
): ReferStep {
  // A NOTIFY that overtook the response has shown already that the REFER was taken (RFC 6665, 4.1.2.4).
  if (progress.phase !== 'sent') return { next: progress };
  if (status >= 300) return over({ status, reason, origin: 'refused' });
  // RFC 4488: the peer acts, but reports nothing.
  if (!subscribed) return over({ status, reason, origin: 'final' });
  return { next: { ...progress, phase: 'accepted' }, patienceMs: firstNotifyMs };
}

function notified(
  progress: ReferProgress,
  { state, expires, report }: Extract<ReferEvent, { type: 'notify' }>,
): ReferStep {
  if (report && report.status >= 200) return over({ ...report, origin: 'final' });
  if (state === 'terminated') {
    return over({ status: 408, reason: 'Request Timeout', origin: 'silent' });
  }
  const news = report && report.status !== progress.last;
  const seconds = Math.min(Math.max(expires ?? USUAL_EXPIRES, 1), MAX_EXPIRES);
  return {
    next: { phase: 'active', ...(report ? { last: report.status } : {}) },
    patienceMs: seconds * 1000 + GRACE_MS,
    ...(news ? { progress: report } : {}),
  };
}

function over(outcome: ReferOutcome): ReferStep {
  return { next: OVER, outcome };
}
