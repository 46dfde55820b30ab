import { ERROR_CODES } from '../../lib/common';
import { processTests, type TestCase, type Verdict } from '../../lib/testing';
import { translated, translationKey } from '../shared/localise';
import type { Activity, NodeStatus } from '../shared/status';
import { foundText, rowText, shortened, verdictsText } from '../shared/status-text';

/** Shows which row of a case is running. Returns a function that ends that. */
export function showProgress(activity: Activity, testCase: TestCase): () => void {
  return processTests.on('begun', ({ row }, { id }) => {
    if (id === testCase.id && row !== undefined) activity.set('running', rowText(row));
  });
}

/** Shows what came of a run: the verdict of the only row and why, or how many failed. */
export function showOutcome(status: NodeStatus, verdicts: readonly Verdict[]): void {
  const [first] = verdicts;
  if (!first) return;
  const failed = verdicts.filter((verdict) => verdict.status === 'failed').length;
  if (verdicts.length > 1) {
    return status.rest(failed > 0 ? 'failed' : 'passed', verdictsText(failed, verdicts.length));
  }
  if (first.status === 'flaky') return status.rest('passed', translationKey('brief.flaky'));
  status.rest(first.status, first.status === 'failed' ? reasonText(first) : undefined);
}

/** Why a case failed, in at most 30 characters: `codec: PCMA`, `no verdict after 60 s`. */
function reasonText({ reason, attempts }: Verdict): string | undefined {
  if (!reason) return undefined;
  const checks = attempts.at(-1)?.checks ?? [];
  const check = checks.find(({ ok, severity }) => !ok && severity === 'error');
  switch (reason.code) {
    case 'CHECK_FAILED':
      return check ? foundText(check.what, check.got) : undefined;
    case 'TEST_TIMEOUT':
      return shortened(translated('brief.noVerdict', { seconds: Math.round(reason.atMs / 100) / 10 }));
    case 'LEAK':
      return translationKey('brief.leak');
    case 'STOPPED':
      return translationKey('brief.stopped');
    default: {
      const known = ERROR_CODES.find((code) => code === reason.code);
      return known ? translationKey(`short.${known}`) : shortened(reason.message);
    }
  }
}
