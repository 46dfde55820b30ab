import { ladderOf, type Ladder, type LadderLanguage } from '../../evidence';
import type { Attempt, Verdict } from '../types';

/** Milliseconds since the epoch at which an attempt began, as far as its report tells. */
export function startOf(verdict: Verdict, attempt: Attempt): number {
  if (attempt.startedAt !== undefined) return Date.parse(attempt.startedAt);
  const before = verdict.attempts.slice(0, verdict.attempts.indexOf(attempt));
  return before.reduce((sum, { durationMs }) => sum + durationMs, Date.parse(verdict.startedAt));
}

/** The ladder of all calls, steps and checks of an attempt. */
export function ladderOfAttempt(verdict: Verdict, attempt: Attempt, language?: LadderLanguage): Ladder {
  const { calls, steps, checks } = attempt;
  return ladderOf({
    calls,
    steps,
    checks,
    startedAtMs: startOf(verdict, attempt),
    ...(language ? { language } : {}),
  });
}
