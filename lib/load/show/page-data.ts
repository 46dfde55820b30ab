import type { LadderLanguage } from '../../evidence';
import { firstCause, ladderOfAttempt, type Attempt, type Verdict } from '../../testing';
import { DISTRIBUTIONS, type DistributionName, LoadFigures } from '../figures';
import type { LoadWorker } from '../fleet-report';
import type { LoadReport, StageReport } from '../report';
import type { LoadFailure } from '../kept-failures';
import { sessionRatios } from '../session-ratios';
import type { LoadPage, PageDistribution, PageFailure, PageStage } from './page/model';

/** Characters of the ladders of a page above which the messages of further failed cases have no text. */
const TEXT_BUDGET = 2_000_000;
/** Characters of a name, a cause or a title. */
const NAME_LENGTH = 200;
/** Characters of a sentence. */
const SENTENCE_LENGTH = 2_000;

export interface PageOptions {
  title: string;
  language?: LadderLanguage;
}

/** What the page of a run shows. */
export function loadPage(report: LoadReport, { title, language }: PageOptions): LoadPage {
  const { startedAt, durationMs, plan, shards, status, end, stages, thresholds, samples } = report;
  const figures = LoadFigures.from(report.figures);
  return {
    title,
    ...(language ? { language } : {}),
    startedAt,
    durationMs,
    plan,
    shards,
    status,
    end: end.message === undefined ? end : { ...end, message: cut(end.message, SENTENCE_LENGTH) },
    stages: stages.map(pageStage),
    counters: report.figures.counters,
    ratios: sessionRatios(figures),
    distributions: distributionsOf(figures),
    causes: figures.causes.map(([cause, count]) => [cut(cause, NAME_LENGTH), count]),
    thresholds,
    samples,
    failures: pageFailures(report, language),
    ...(report.lostStarts === undefined ? {} : { lostStarts: report.lostStarts }),
    ...(report.lostCallSeconds === undefined ? {} : { lostCallSeconds: report.lostCallSeconds }),
    ...(report.workers === undefined ? {} : { workers: report.workers.map(pageWorker) }),
  };
}

function pageWorker({ message, ...worker }: LoadWorker): LoadWorker {
  return message === undefined ? worker : { ...worker, message: cut(message, SENTENCE_LENGTH) };
}

function pageStage({ text, warmUp, beginMs, endMs, verdict, figures: data }: StageReport): PageStage {
  const setupP95Ms = LoadFigures.from(data).distribution('setup').quantile(0.95);
  return {
    text,
    warmUp,
    beginMs,
    endMs,
    verdict,
    counters: data.counters,
    ...(setupP95Ms === undefined ? {} : { setupP95Ms }),
  };
}

const SHOWN = [
  'setup',
  'post-dial-delay',
  'length',
  'loss',
  'jitter',
  'mos',
  'lateness',
] as const satisfies readonly DistributionName[];

function distributionsOf(figures: LoadFigures): PageDistribution[] {
  return SHOWN.flatMap((name) => {
    const values = figures.distribution(name);
    if (values.count === 0) return [];
    const { count, min = 0, max = 0, mean = 0 } = values;
    const quantiles = name === 'mos' ? [0.5, 0.05, 0.01] : [0.5, 0.95, 0.99];
    const [p50 = 0, worst5 = 0, worst1 = 0] = quantiles.map((quantile) => values.quantile(quantile));
    return [{ name, unit: DISTRIBUTIONS[name], count, p50, worst5, worst1, min, max, mean }];
  });
}

function pageFailures(
  { failures, startedAt }: LoadReport,
  language: LadderLanguage | undefined,
): PageFailure[] {
  let written = 0;
  return failures.map((failure) => {
    const whole = pageFailure(failure, Date.parse(startedAt), language);
    const shown = written < TEXT_BUDGET ? whole : withoutTexts(whole);
    written += JSON.stringify(shown.ladder).length;
    return shown;
  });
}

function pageFailure(
  { stage, cause, attempt }: LoadFailure,
  runStartedMs: number,
  language: LadderLanguage | undefined,
): PageFailure {
  const { test, reason } = attempt;
  const verdict = verdictOf(attempt);
  const check = firstCause(verdict)?.check;
  const atMs = Date.parse(verdict.startedAt) - runStartedMs;
  return {
    atMs: Number.isFinite(atMs) ? Math.max(0, atMs) : 0,
    stage,
    cause: cut(cause, NAME_LENGTH),
    title: cut(test.title, NAME_LENGTH),
    ladder: ladderOfAttempt(verdict, attempt, language),
    ...(test.row === undefined ? {} : { row: test.row }),
    ...(reason ? { reason: { ...reason, message: cut(reason.message, SENTENCE_LENGTH) } } : {}),
    ...(check ? { check } : {}),
  };
}

/** The verdict that an attempt alone makes. */
function verdictOf(attempt: Attempt): Verdict {
  const { test, status, durationMs, startedAt = '' } = attempt;
  return {
    format: 'sipflow-verdict/1',
    id: test.id,
    case: test.case,
    title: test.title,
    tags: [],
    status,
    startedAt,
    durationMs,
    attempts: [attempt],
  };
}

function withoutTexts(failure: PageFailure): PageFailure {
  const rows = failure.ladder.rows.map((row) => (row.kind === 'message' ? { ...row, text: '' } : row));
  return { ...failure, ladder: { ...failure.ladder, rows }, withoutTexts: true };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
