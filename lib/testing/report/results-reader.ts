import type { Attempt, Report, Verdict } from '../types';
import { resultsHeadShape, resultsLineShapes } from './report-shape';
import { RESULTS_FORMAT, type ResultsLine, type VerdictHead } from './results-file';
import { assertShape, badReport } from './shape';

/** Whether a text is that of a results file: one JSON value in each line. */
export function isResults(text: string): boolean {
  return text.startsWith(`{"format":"${RESULTS_FORMAT}"`);
}

/**
 * The report of what had ended when a results file was written, which may be cut off in its last line.
 *
 * @throws SipflowError BAD_REPORT that names the line
 */
export function reportOfResults(text: string, name: string): Report {
  const [first, ...lines] = text.split('\n');
  const head = parsed(first, `line 1 of ${name}`) as Report;
  assertShape(`line 1 of ${name}`, head, resultsHeadShape);
  const found = new Map<string, Verdict>();
  let durationMs: number | undefined;
  lines.forEach((line, index) => {
    const entry = entryOf(line, `line ${index + 2} of ${name}`, index === lines.length - 1);
    if (entry?.kind === 'attempt') addAttempt(found, entry.verdict, entry.attempt);
    else if (entry?.kind === 'verdict') conclude(found, entry.verdict);
    else if (entry) durationMs = entry.durationMs;
  });
  const verdicts = [...found.values()];
  return {
    format: 'sipflow-report/1',
    startedAt: head.startedAt,
    durationMs: durationMs ?? lastEnd(head, verdicts) - Date.parse(head.startedAt),
    versions: head.versions,
    ...(head.shard ? { shard: head.shard } : {}),
    verdicts,
  };
}

/** A line; undefined for a blank one, and for one that was cut off, which only the last can be. */
function entryOf(line: string, name: string, isLast: boolean): ResultsLine | undefined {
  if (line.trim() === '') return undefined;
  let entry: ResultsLine;
  try {
    entry = parsed(line, name) as ResultsLine;
  } catch (error) {
    if (isLast) return undefined;
    throw error;
  }
  if (!Object.hasOwn(resultsLineShapes, entry?.kind)) throw badReport(name, 'its kind is not known');
  assertShape(name, entry, resultsLineShapes[entry.kind]);
  return entry;
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badReport(name, `it is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

function addAttempt(found: Map<string, Verdict>, head: VerdictHead, attempt: Attempt): void {
  const attempts = [...(found.get(head.id)?.attempts ?? []), attempt];
  found.set(head.id, verdictOf(head, attempts));
}

function conclude(found: Map<string, Verdict>, verdict: Omit<Verdict, 'attempts'>): void {
  found.set(verdict.id, { ...verdict, attempts: found.get(verdict.id)?.attempts ?? [] });
}

/** A verdict of the attempts that had ended, for a run that was killed before it came to one. */
function verdictOf(head: VerdictHead, attempts: Attempt[]): Verdict {
  const { status, reason } = attempts[attempts.length - 1];
  const isFlaky = status === 'passed' && attempts.some((each) => each.status === 'failed');
  return {
    ...head,
    status: isFlaky ? 'flaky' : status,
    ...(reason ? { reason } : {}),
    durationMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
    attempts,
  };
}

function lastEnd(head: Pick<Report, 'startedAt'>, verdicts: readonly Verdict[]): number {
  const ends = verdicts.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs);
  return ends.reduce((latest, end) => Math.max(latest, end), Date.parse(head.startedAt));
}
