import { SipflowError } from '../common';
import { LoadFigures } from './figures';
import type { LoadReport } from './report';

const FORMAT = 'sipflow-load/1';

/** Whether a text says of itself that it is the report of a load. */
export function isLoadReport(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"sipflow-load\//.test(text.slice(0, 200));
}

/**
 * Reads the report of a load.
 *
 * @param name says in errors which report it is
 * @throws SipflowError BAD_REPORT that says what is wrong
 */
export function parseLoadReport(text: string, name: string): LoadReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fault(name, 'it is no JSON', cause);
  }
  if (!isObject(value)) throw fault(name, 'it is no object');
  if (value.format !== FORMAT) throw fault(name, `its "format" is not "${FORMAT}"`);
  const wrong = wrongMember(value);
  if (wrong !== undefined) throw fault(name, `"${wrong}" is not as it has to be`);
  return value as unknown as LoadReport;
}

/** Name of the first member that a reader could not use. */
function wrongMember(report: Record<string, unknown>): string | undefined {
  const { plan, shards, end, stages, figures, thresholds, samples, failures } = report;
  const isText = (each: unknown): boolean => typeof each === 'string';
  const rules: Record<string, boolean> = {
    startedAt: typeof report.startedAt === 'string' && !Number.isNaN(Date.parse(report.startedAt)),
    durationMs: isCount(report.durationMs),
    plan:
      isObject(plan) &&
      isText(plan.title) &&
      isText(plan.stages) &&
      isCount(plan.shards) &&
      Array.isArray(plan.expect) &&
      plan.expect.every(isText),
    shards: Array.isArray(shards) && shards.every(isCount),
    status: ['passed', 'failed', 'not-judged'].includes(report.status as string),
    end: isObject(end) && isText(end.reason),
    stages: Array.isArray(stages) && stages.every(isStage),
    figures: isFigures(figures),
    thresholds: Array.isArray(thresholds) && thresholds.every(isObject),
    samples: Array.isArray(samples) && samples.every((each) => isObject(each) && isCount(each.atMs)),
    failures: Array.isArray(failures) && failures.every((each) => isObject(each) && isObject(each.attempt)),
  };
  return Object.keys(rules).find((member) => !rules[member]);
}

function isStage(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.text === 'string' &&
    isObject(value.verdict) &&
    typeof value.verdict.kind === 'string' &&
    Array.isArray(value.verdict.reasons) &&
    isFigures(value.figures)
  );
}

/** Whether figures are those that this version counts. */
function isFigures(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.causes)) return false;
  const { counters, distributions, causes } = value;
  const empty = new LoadFigures().toJSON();
  return (
    isObject(counters) &&
    Object.keys(empty.counters).every((name) => isCount(counters[name])) &&
    Object.values(causes).every(isCount) &&
    isObject(distributions) &&
    Object.keys(empty.distributions).every((name) => isHistogram(distributions[name]))
  );
}

function isHistogram(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.counts)) return false;
  const { count, sum, min, max, zeros, counts } = value;
  return (
    [count, sum, min, max, zeros, ...Object.values(counts)].every(isCount) &&
    Object.keys(counts).every((bucket) => /^-?\d{1,6}$/.test(bucket))
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(name: string, what: string, cause?: unknown): SipflowError {
  return new SipflowError('BAD_REPORT', `"${name}" is no report of a load that can be read: ${what}.`, {
    cause,
  });
}
