import type { Attempt, Check, Verdict } from '../types';

/** How many verdicts there are of each status. A flaky one passed on a retry. */
export interface ReportSummary {
  total: number;
  passed: number;
  failed: number;
  flaky: number;
  skipped: number;
}

/** Counts verdicts by status. */
export function summaryOf(verdicts: readonly Verdict[]): ReportSummary {
  const summary: ReportSummary = { total: verdicts.length, passed: 0, failed: 0, flaky: 0, skipped: 0 };
  for (const { status } of verdicts) summary[status] += 1;
  return summary;
}

/** Why an attempt failed or was skipped: the reason that ended it, and the failed check behind it if there is one. */
export interface FirstCause {
  attempt: Attempt;
  /** Stable code of the reason, such as `CHECK` or `TIMEOUT`. */
  code: string;
  /** One sentence. */
  message: string;
  /** The node where it happened. */
  node?: { id: string; name: string; type: string };
  /** The first check that failed. */
  check?: Check;
}

/** Code of a cause that its report gives no reason for. */
const UNKNOWN = 'UNKNOWN';

/** The cause of the attempt that decides a verdict: its last one. Undefined when that passed. */
export function firstCause(verdict: Verdict): FirstCause | undefined {
  const attempt = verdict.attempts.at(-1);
  return attempt && causeOf(attempt);
}

/** The cause of one attempt; undefined when it passed. */
export function causeOf(attempt: Attempt): FirstCause | undefined {
  if (attempt.status === 'passed') return undefined;
  const { reason } = attempt;
  const check =
    attempt.status === 'failed'
      ? attempt.checks.find(({ ok, severity }) => !ok && severity === 'error')
      : undefined;
  const last = attempt.steps.at(-1);
  const node = reason?.node ?? check?.node ?? last?.node;
  return {
    attempt,
    code: reason?.code ?? UNKNOWN,
    message: reason?.message ?? 'The report gives no reason.',
    ...(node ? { node } : {}),
    ...(check ? { check } : {}),
  };
}

/** Title of a verdict with the number of its row: `Busy [row 3]`. */
export function titleOf({ title, case: name, row }: Pick<Verdict, 'title' | 'case' | 'row'>): string {
  const words = title || name;
  return row === undefined ? words : `${words} [row ${row}]`;
}

/** Name of the node of a step or a check, or its type where it has none. */
export function nodeName(node: { name: string; type: string }): string {
  return node.name || node.type;
}
