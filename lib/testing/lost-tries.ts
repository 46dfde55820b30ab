import type { Attempt, Verdict } from './types';
import type { VerdictHead } from './report';

/** A try of a test case that has no outcome: what ran it was lost, or left. */
export interface LostTry {
  /** What ran it, as people call it: `Worker b on host-2`. */
  by: string;
  /** ISO 8601. */
  startedAt: string;
  /** When the next one began, or was given up; ISO 8601. */
  noticedAt: string;
  /** It was told to end, and gave the test case back. */
  left?: boolean;
}

/**
 * The verdict of a test case that had been begun before: each lost try is an attempt that failed, and the attempts of
 * the verdict are counted after them. What passes then is flaky.
 */
export function withLostTries(verdict: Verdict, lost: readonly LostTry[]): Verdict {
  if (lost.length === 0) return verdict;
  const [{ startedAt }] = lost;
  const attempts = verdict.attempts.map((attempt) => ({
    ...attempt,
    startedAt: attempt.startedAt ?? verdict.startedAt,
    test: { ...attempt.test, attempt: attempt.test.attempt + lost.length },
  }));
  return {
    ...verdict,
    status: verdict.status === 'passed' ? 'flaky' : verdict.status,
    startedAt,
    durationMs: between(startedAt, verdict.startedAt) + verdict.durationMs,
    attempts: [...lost.map((each, index) => lostAttempt(verdict, each, index + 1)), ...attempts],
  };
}

/** The verdict of a test case that is not tried again: it has failed. */
export function lostVerdict(head: VerdictHead, lost: readonly LostTry[]): Verdict {
  const attempts = lost.map((each, index) => lostAttempt(head, each, index + 1));
  const reason = attempts.at(-1)?.reason;
  const [first] = lost;
  return {
    ...head,
    status: 'failed',
    ...(reason && { reason }),
    startedAt: first?.startedAt ?? head.startedAt,
    durationMs: first ? between(first.startedAt, lost[lost.length - 1].noticedAt) : 0,
    attempts,
  };
}

function lostAttempt(
  { case: id, title, row }: VerdictHead,
  { by, startedAt, noticedAt, left }: LostTry,
  number: number,
): Attempt {
  const durationMs = between(startedAt, noticedAt);
  const how = left ? 'was told to end' : 'was lost';
  return {
    test: {
      type: 'sip-test',
      id: `lost-${number}`,
      case: id,
      title,
      attempt: number,
      ...(row !== undefined && { row }),
    },
    status: 'failed',
    reason: { code: 'WORKER_LOST', message: `${by} ${how} while it ran this.`, atMs: durationMs },
    startedAt,
    durationMs,
    steps: [],
    checks: [],
    calls: [],
    leaks: [],
    artefacts: [],
  };
}

/** Milliseconds; never negative, also by clocks that differ. */
function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
