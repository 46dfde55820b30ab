import type { Ladder, LadderLanguage } from '../../../evidence';
import type { Attempt, CallEvidence, Report, Verdict } from '../../types';
import { ladderOfAttempt } from '../attempt-ladder';
import { causeLine, earlierFailures, filesOf } from '../cause-text';
import type { PageAttempt, PageCall, PageIndex, PageRow, PageVerdict } from '../page/model';
import { firstCause, summaryOf, titleOf } from '../summary';
import { figuresOf } from './figures';
import type { Sounds } from './sounds';

/** Characters of a cause in the list. */
const CAUSE_LENGTH = 400;
/** Characters of a title, a tag or the name of a file. */
const NAME_LENGTH = 200;

export interface PageOptions {
  title: string;
  language?: LadderLanguage;
  /** Path under which the page finds a file. */
  link: (file: string) => string;
}

/** The run and a line for each verdict. */
export function pageIndex(report: Report, { title, language }: PageOptions): PageIndex {
  const { startedAt, durationMs, versions, verdicts } = report;
  return {
    title,
    startedAt,
    durationMs,
    versions,
    summary: summaryOf(verdicts),
    rows: verdicts.map(pageRow),
    ...(language ? { language } : {}),
  };
}

function pageRow(verdict: Verdict): PageRow {
  const { status, durationMs, attempts, tags, file = '' } = verdict;
  return {
    title: cut(titleOf(verdict), NAME_LENGTH),
    file: cut(file, NAME_LENGTH),
    tags: tags.map((tag) => cut(tag, NAME_LENGTH)),
    status,
    durationMs,
    attempts: attempts.length,
    cause: cut(causeOf(verdict), CAUSE_LENGTH),
  };
}

function causeOf(verdict: Verdict): string {
  // Of a passed one it is a warning.
  if (verdict.status === 'passed') return verdict.reason?.message ?? '';
  const cause = verdict.status === 'flaky' ? earlierFailures(verdict).at(0)?.cause : firstCause(verdict);
  return cause ? causeLine(cause) : (verdict.reason?.message ?? '');
}

/** A verdict with all that its page shows. */
export async function pageVerdict(
  verdict: Verdict,
  sounds: Sounds,
  options: PageOptions,
): Promise<PageVerdict> {
  const { id, startedAt, seed, rowValues, reason } = verdict;
  const attempts: PageAttempt[] = [];
  for (const [index, attempt] of verdict.attempts.entries()) {
    attempts.push(await pageAttempt(verdict, attempt, index + 1, sounds, options));
  }
  return {
    id,
    startedAt,
    attempts,
    ...(seed === undefined ? {} : { seed }),
    ...(rowValues ? { rowValues: rowValues as Record<string, unknown> } : {}),
    ...(reason ? { reason } : {}),
  };
}

async function pageAttempt(
  verdict: Verdict,
  attempt: Attempt,
  number: number,
  sounds: Sounds,
  options: PageOptions,
): Promise<PageAttempt> {
  const { status, reason, durationMs, steps, checks, leaks, leftOut = {} } = attempt;
  const ladder = ladderOfAttempt(verdict, attempt, options.language);
  const failedRow = failedRowOf(ladder, attempt);
  const calls: PageCall[] = [];
  for (const call of attempt.calls) calls.push(pageCall(call, await sounds.of(verdict, attempt, call)));
  return {
    number,
    status,
    durationMs,
    steps,
    checks,
    leaks,
    leftOut,
    ladder,
    calls,
    files: filesOf(attempt).map(({ title, kind, file }) => ({ title, kind, href: options.link(file) })),
    ...(reason ? { reason } : {}),
    ...(failedRow === undefined ? {} : { failedRow }),
  };
}

/** The row at which an attempt failed: its failed check, else the last refusal before it ended. */
function failedRowOf({ rows }: Ladder, { status, reason }: Attempt): number | undefined {
  if (status !== 'failed') return undefined;
  const check = rows.findIndex((row) => row.kind === 'mark' && row.result === 'failed');
  if (check >= 0) return check;
  const until = reason?.atMs ?? Infinity;
  const refusal = rows.findLastIndex(
    (row) => row.kind === 'message' && row.tone === 'failure' && row.atMs <= until,
  );
  if (refusal >= 0) return refusal;
  const last = rows.findLastIndex(({ atMs }) => atMs <= until);
  return last >= 0 ? last : undefined;
}

function pageCall(
  { ref, info, phone = '', series = [] }: CallEvidence,
  sounds: PageCall['sounds'],
): PageCall {
  const { id, direction, from, to, callId } = ref;
  return { id, phone, direction, from, to, callId, figures: figuresOf(info), series, sounds };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
