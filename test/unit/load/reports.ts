import type { LoadFailure } from '../../../lib/load';
import type { Verdict } from '../../../lib/testing';

/** A failed case with a verdict that has nothing but its reason. */
export function loadFailure(some: Partial<LoadFailure> = {}): LoadFailure {
  const reason = { code: 'CALL_REJECTED', message: 'The call was rejected: 486 Busy Here.', atMs: 20 };
  const test = { type: 'sip-test', id: 'a1', case: 'case', title: 'Busy', attempt: 1 } as const;
  const verdict: Verdict = {
    format: 'sipflow-verdict/1',
    id: 'v1',
    case: 'case',
    title: 'Busy',
    tags: [],
    status: 'failed',
    reason,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 30,
    attempts: [
      {
        test,
        status: 'failed',
        reason,
        durationMs: 30,
        steps: [],
        checks: [],
        calls: [],
        leaks: [],
        artefacts: [],
      },
    ],
  };
  return { atMs: 0, stage: 0, cause: 'CALL_REJECTED', verdict, ...some };
}
