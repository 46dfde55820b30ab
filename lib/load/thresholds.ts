import { SipflowError } from '../common';
import { type DistributionName, DISTRIBUTIONS, type LoadFigures } from './figures';
import { sessionRatios } from './session-ratios';
import { parseDuration } from './stages';

/** Figures that a threshold may name besides the distributions, with their unit. */
const SCALARS: Readonly<Record<string, { unit: '%' | ''; of(figures: LoadFigures): number | undefined }>> = {
  failed: { unit: '%', of: (figures) => shareOfEnded(figures, 'failed') },
  passed: { unit: '%', of: (figures) => shareOfEnded(figures, 'passed') },
  'left-out': { unit: '%', of: leftOutPercent },
  'one-way': { unit: '%', of: oneWayPercent },
  asr: { unit: '%', of: (figures) => percent(sessionRatios(figures).asr) },
  ner: { unit: '%', of: (figures) => percent(sessionRatios(figures).ner) },
  ser: { unit: '%', of: (figures) => percent(sessionRatios(figures).ser) },
  seer: { unit: '%', of: (figures) => percent(sessionRatios(figures).seer) },
  attempts: { unit: '', of: (figures) => figures.counter('started') },
  failures: { unit: '', of: (figures) => figures.counter('failed') },
};

/** Names of all figures that a threshold may be about. */
export const THRESHOLD_FIGURES: readonly string[] = [...Object.keys(SCALARS), ...Object.keys(DISTRIBUTIONS)];

const OPERATORS: Readonly<Record<string, (got: number, wanted: number) => boolean>> = {
  '<': (got, wanted) => got < wanted,
  '<=': (got, wanted) => got <= wanted,
  '>': (got, wanted) => got > wanted,
  '>=': (got, wanted) => got >= wanted,
};
const MAX_LENGTH = 200;
const THRESHOLD =
  /^(?:(p\d{1,2}(?:\.\d+)?|mean|min|max)\s+)?([a-z-]+)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*(%|ms|s)?(?:\s+after\s+(.+))?$/i;

/** A limit on a figure of a run. */
export interface Threshold {
  /** As it was written. */
  text: string;
  figure: string;
  /** `p95`, `mean`, `min` or `max`, for a distribution. */
  statistic?: string;
  operator: string;
  /** In the unit of the figure: milliseconds, percent, or a plain number. */
  wanted: number;
  /** Seconds from the beginning after which a rule that ends the run is looked at. */
  afterSeconds?: number;
}

/** A threshold with what was measured. */
export interface ThresholdResult {
  text: string;
  ok: boolean;
  wanted: number;
  /** Undefined when there was nothing to measure: then it is not met. */
  got?: number;
  unit: string;
}

/**
 * Reads a threshold: `failed < 1%`, `p95 setup < 400 ms`, `asr >= 98 %`, `mean mos >= 4`. A rule that ends a run may say
 * from when on it counts: `failed < 10% after 30s`.
 *
 * @throws SipflowError BAD_CONFIG that says what is wrong
 */
export function parseThreshold(text: string): Threshold {
  if (text.length > MAX_LENGTH) throw fault(text, `it has more than ${MAX_LENGTH} characters`);
  const match = THRESHOLD.exec(text.trim());
  if (!match) throw fault(text, 'one is like "failed < 1%" or "p95 setup < 400 ms"');
  const [, statistic, named, operator, number, unit, after] = match;
  const figure = named.toLowerCase();
  const known = unitOf(figure);
  if (known === undefined)
    throw fault(text, `there is no figure "${named}", only ${THRESHOLD_FIGURES.join(', ')}`);
  const threshold: Threshold = {
    text: text.trim(),
    figure,
    operator,
    wanted: inUnit(text, Number(number), unit?.toLowerCase(), known),
  };
  if (figure in DISTRIBUTIONS) {
    if (statistic === undefined) throw fault(text, `${figure} needs p95, mean, min or max in front of it`);
    threshold.statistic = statistic.toLowerCase();
  } else if (statistic !== undefined) {
    throw fault(text, `${figure} is one number, ${statistic} means nothing in front of it`);
  }
  if (after !== undefined) {
    threshold.afterSeconds = parseDuration(after);
    if (threshold.afterSeconds === undefined) throw fault(text, `"${after}" is no duration such as 30s`);
  }
  return threshold;
}

/** Compares a threshold with what was measured. A figure that is not known does not meet it. */
export function judgeThreshold(threshold: Threshold, figures: LoadFigures): ThresholdResult {
  const { text, figure, operator, wanted, statistic } = threshold;
  const got = statistic
    ? statisticOf(figures, figure as DistributionName, statistic)
    : SCALARS[figure].of(figures);
  const result: ThresholdResult = {
    text,
    wanted,
    unit: unitOf(figure) ?? '',
    ok: got !== undefined && OPERATORS[operator](got, wanted),
  };
  if (got !== undefined) result.got = got;
  return result;
}

function statisticOf(figures: LoadFigures, name: DistributionName, statistic: string): number | undefined {
  const distribution = figures.distribution(name);
  if (statistic === 'mean') return distribution.mean;
  if (statistic === 'min') return distribution.min;
  if (statistic === 'max') return distribution.max;
  return distribution.quantile(Number(statistic.slice(1)) / 100);
}

function unitOf(figure: string): string | undefined {
  if (Object.hasOwn(SCALARS, figure)) return SCALARS[figure].unit;
  return Object.hasOwn(DISTRIBUTIONS, figure) ? DISTRIBUTIONS[figure as DistributionName] : undefined;
}

function inUnit(text: string, value: number, given: string | undefined, wanted: string): number {
  if (given === undefined || given === wanted) return value;
  if (given === 's' && wanted === 'ms') return value * 1000;
  throw fault(text, `its unit is ${wanted === '' ? 'none' : wanted}, not ${given}`);
}

function shareOfEnded(figures: LoadFigures, name: 'passed' | 'failed'): number | undefined {
  const ended = figures.counter('passed') + figures.counter('failed');
  return ended === 0 ? undefined : (figures.counter(name) / ended) * 100;
}

function leftOutPercent(figures: LoadFigures): number | undefined {
  const planned = figures.counter('started') + figures.counter('leftOut');
  return planned === 0 ? undefined : (figures.counter('leftOut') / planned) * 100;
}

function oneWayPercent(figures: LoadFigures): number | undefined {
  const calls = figures.counter('answeredWithMedia');
  return calls === 0 ? undefined : (figures.counter('oneWay') / calls) * 100;
}

function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : share * 100;
}

function fault(text: string, why: string): SipflowError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new SipflowError('BAD_CONFIG', `"${shown}" is no threshold: ${why}.`, { field: 'expect' });
}
