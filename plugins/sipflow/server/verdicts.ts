import type { NodeAPI } from 'node-red';
import { SipflowError } from '../../../lib/common';
import { type Ladder, ladderOf } from '../../../lib/evidence';
import { type Attempt, htmlReport, processTests, type Report, type Verdict } from '../../../lib/testing';
import { type Asked, Document, languageOf, type Routes } from './routes';

/** A verdict with all that the sidebar shows of it. */
export interface VerdictDetail extends Omit<Verdict, 'attempts'> {
  attempts: AttemptDetail[];
}

export interface AttemptDetail extends Pick<
  Attempt,
  'status' | 'reason' | 'durationMs' | 'steps' | 'checks' | 'leaks'
> {
  ladder: Ladder;
  /** Calls of the attempt, which may be remembered still. */
  calls: { id: string; from: string; to: string }[];
}

/** Verdicts that are kept, and a report of all of them. */
export function serveVerdicts(RED: NodeAPI, routes: Routes): void {
  routes.read('verdicts/:id', (asked): VerdictDetail => {
    const verdict = processTests.results.find(asked.params.id);
    if (!verdict) throw new SipflowError('FILE_NOT_FOUND', 'This verdict is not kept any more.');
    const attempts = verdict.attempts.map((attempt) => detailOf(verdict, attempt, asked));
    return { ...verdict, attempts };
  });

  routes.read('report', async (asked) => {
    const folder = RED.settings.userDir ?? process.cwd();
    const report = reportOf(processTests.results.verdicts, await RED.version());
    const language = languageOf(asked);
    return new Document(
      'text/html; charset=utf-8',
      await htmlReport(report, { base: folder, folder, language }),
    );
  });
}

function detailOf(verdict: Verdict, attempt: Attempt, asked: Asked): AttemptDetail {
  const { status, reason, durationMs, steps, checks, leaks, calls, startedAt = verdict.startedAt } = attempt;
  return {
    status,
    ...(reason ? { reason } : {}),
    durationMs,
    steps,
    checks,
    leaks,
    calls: calls.map(({ ref: { id, from, to } }) => ({ id, from, to })),
    ladder: ladderOf({
      calls,
      steps,
      checks,
      startedAtMs: Date.parse(startedAt),
      language: languageOf(asked),
    }),
  };
}

function reportOf(verdicts: readonly Verdict[], version: string): Report {
  const starts = verdicts.map(({ startedAt }) => Date.parse(startedAt));
  const ends = verdicts.map(({ durationMs }, place) => (starts[place] ?? 0) + durationMs);
  const first = starts.length > 0 ? Math.min(...starts) : Date.now();
  return {
    format: 'sipflow-report/1',
    startedAt: new Date(first).toISOString(),
    durationMs: ends.length > 0 ? Math.max(...ends) - first : 0,
    versions: { 'Node.js': process.versions.node, 'Node-RED': version },
    verdicts: [...verdicts],
  };
}
