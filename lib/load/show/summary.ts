import { shortTime } from '../../common';
import { escapeTerminal } from '../../evidence';
import type { LoadWorker } from '../fleet-report';
import { DISTRIBUTIONS, type DistributionName, LoadFigures } from '../figures';
import type { LoadReport, StageReport } from '../report';
import { sessionRatios } from '../session-ratios';
import type { StageVerdictKind } from '../stage-verdict';
import type { ThresholdResult } from '../thresholds';
import { countText, figureText, numberText, shareText } from './figure-text';
import { type LoadOutcomeName, outcomeName } from './outcome';

export interface LoadSummaryOptions {
  /** Colours of ANSI; for a terminal that wants them. */
  colour: boolean;
}

const COLOURS = { good: 32, bad: 31, doubt: 33, quiet: 90, strong: 1 } as const;
type Paint = (colour: keyof typeof COLOURS, text: string) => string;

const OUTCOMES: Record<LoadOutcomeName, { sign: string; colour: keyof typeof COLOURS; words: string }> = {
  passed: { sign: '✓', colour: 'good', words: 'passed' },
  failed: { sign: '✗', colour: 'bad', words: 'failed' },
  'not-judged': { sign: '!', colour: 'doubt', words: 'not judged: the generator was the limit' },
  'part-lost': { sign: '!', colour: 'doubt', words: 'not judged: a part of the load was lost' },
};

const VERDICTS: Record<StageVerdictKind, { sign: string; colour: keyof typeof COLOURS; words: string }> = {
  judged: { sign: '·', colour: 'quiet', words: 'judged' },
  'generator-limited': { sign: '!', colour: 'doubt', words: 'generator-limited' },
  'per-source-limit-suspected': { sign: '?', colour: 'doubt', words: 'limit per source address suspected' },
};

const NAMES: Record<DistributionName, string> = {
  setup: 'set-up',
  'post-dial-delay': 'post-dial delay',
  length: 'call length',
  loss: 'loss',
  jitter: 'jitter',
  mos: 'MOS',
  lateness: 'late starts',
};

/** Failures that are named; the JSON has all. */
const MOST_CAUSES = 10;

/**
 * A report for a terminal or a log, in lines: what came of it, its stages with their verdicts, figures, failures by
 * cause, and thresholds. What the network said is made harmless.
 */
export function loadSummary(report: LoadReport, { colour }: LoadSummaryOptions): string {
  const paint: Paint = (name, text) => (colour ? `\u001b[${COLOURS[name]}m${text}\u001b[0m` : text);
  const figures = LoadFigures.from(report.figures);
  const parts = [
    headOf(report, figures, paint),
    block(
      'Stages',
      report.stages.flatMap((stage, index) => stageLines(stage, takenOf(report, index), paint)),
      paint,
    ),
    block(
      'Workers',
      (report.workers ?? []).map((worker) => workerLine(worker, paint)),
      paint,
    ),
    block('Figures', figureLines(figures), paint),
    block('Failures', causeLines(figures), paint),
    block('Thresholds', thresholdLines(report.thresholds, paint), paint),
  ];
  return parts.filter((lines) => lines.length > 0).join('\n\n');
}

function headOf(report: LoadReport, figures: LoadFigures, paint: Paint): string {
  const { end, durationMs, lostStarts = 0, lostCallSeconds = 0 } = report;
  const { sign, colour, words } = OUTCOMES[outcomeName(report)];
  const counts = [
    shortTime(durationMs),
    `${countText(figures.counter('started'))} started`,
    `${countText(figures.counter('passed'))} passed`,
    `${countText(figures.counter('failed'))} failed`,
    ...some(figures.counter('skipped'), 'skipped'),
    ...some(figures.counter('stopped'), 'broken off'),
    ...some(figures.counter('leftOut'), 'left out'),
    ...some(figures.counter('strays'), 'calls of no case'),
    ...some(lostStarts, 'planned starts lost'),
    ...some(Math.round(lostCallSeconds), 'call-seconds missing'),
  ].join(' · ');
  const ended = end.reason === 'completed' ? [] : [end.message ?? `The run was ${end.reason}.`];
  return [`${paint(colour, `${sign} ${words}`)} · ${counts}`, ...ended.map(escapeTerminal)].join('\n');
}

/**
 * Cases per second that passed while others failed: where a system takes no more, this is how many it takes, also on a
 * ramp, whose beginning it took whole. Undefined when none failed.
 */
function takenOf({ samples, stages }: LoadReport, stage: number): number | undefined {
  // Those that come after the last stage are its own, but nothing starts any more.
  const { endMs } = stages[stage];
  const failing = samples.filter((each) => each.stage === stage && each.failed > 0 && each.atMs < endMs);
  const seconds = failing.reduce((sum, sample) => sum + sample.seconds, 0);
  return seconds === 0 ? undefined : failing.reduce((sum, { passed }) => sum + passed, 0) / seconds;
}

/** @param taken cases per second that passed while others failed */
function stageLines(stage: StageReport, taken: number | undefined, paint: Paint): string[] {
  const { text, verdict, figures: data } = stage;
  const figures = LoadFigures.from(data);
  const { sign, colour, words } = VERDICTS[verdict.kind];
  const setup = figures.distribution('setup').quantile(0.95);
  const name = paint('strong', escapeTerminal(text));
  const { started, leftOut } = data.counters;
  if (started + leftOut === 0)
    return [`${paint('quiet', '·')} ${name} · ${paint('quiet', 'nothing started')}`];
  const line = [
    `${paint(colour, sign)} ${name}`,
    `${countText(started)} started`,
    `${countText(figures.counter('failed'))} failed`,
    ...(taken === undefined ? [] : [`${numberText(taken)}/s passed`]),
    ...some(leftOut, 'left out'),
    ...(setup === undefined ? [] : [`set-up p95 ${figureText(setup, 'ms')}`]),
    paint(colour, words),
  ].join(' · ');
  return [line, ...verdict.reasons.map((reason) => `    ${escapeTerminal(reason)}`)];
}

function workerLine(worker: LoadWorker, paint: Paint): string {
  const { name, host, state, started, failed, leftOut, lostStarts, lostCallSeconds = 0, lateP99Ms } = worker;
  return [
    `${state === 'lost' ? paint('bad', '✗') : paint('quiet', '·')} ${paint('strong', escapeTerminal(name))}`,
    escapeTerminal(host),
    `${countText(started)} started`,
    `${countText(failed)} failed`,
    ...some(leftOut, 'left out'),
    ...some(lostStarts, 'lost'),
    ...some(Math.round(lostCallSeconds), 'call-seconds missing'),
    ...(lateP99Ms === undefined ? [] : [`late p99 ${figureText(lateP99Ms, 'ms')}`]),
    ...(state === 'lost' ? [paint('bad', 'gone before the end')] : []),
  ].join(' · ');
}

function figureLines(figures: LoadFigures): string[] {
  const lines: [name: string, text: string][] = [];
  const ratios = Object.entries(sessionRatios(figures)) as [string, number][];
  if (ratios.length > 0) {
    const shares = ratios.map(([name, share]) => `${name.toUpperCase()} ${shareText(share)}`);
    lines.push(['calls', [`${countText(figures.counter('seizures'))} placed`, ...shares].join(' · ')]);
  }
  for (const name of Object.keys(NAMES) as DistributionName[]) {
    const text = distributionText(figures, name);
    if (text !== undefined) lines.push([NAMES[name], text]);
  }
  const heard = figures.counter('answeredWithMedia');
  if (heard > 0) {
    lines.push([
      'one-way',
      `${countText(figures.counter('oneWay'))} of ${countText(heard)} calls with audio`,
    ]);
  }
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

/** For MOS the low end is the bad one. */
function distributionText(figures: LoadFigures, name: DistributionName): string | undefined {
  const values = figures.distribution(name);
  const unit = DISTRIBUTIONS[name];
  const shown: [string, number | undefined][] =
    name === 'mos'
      ? [
          ['mean', values.mean],
          ['p5', values.quantile(0.05)],
          ['min', values.min],
        ]
      : [
          ['p50', values.quantile(0.5)],
          ['p95', values.quantile(0.95)],
          ['p99', values.quantile(0.99)],
          ['max', values.max],
        ];
  const known = shown.filter((each): each is [string, number] => each[1] !== undefined);
  if (known.length === 0) return undefined;
  return known.map(([statistic, value]) => `${statistic} ${figureText(value, unit)}`).join(' · ');
}

function causeLines(figures: LoadFigures): string[] {
  const { causes } = figures;
  const width = countText(causes[0]?.[1] ?? 0).length;
  const shown = causes
    .slice(0, MOST_CAUSES)
    .map(([cause, count]) => `${countText(count).padStart(width)} × ${escapeTerminal(cause)}`);
  const further = causes.length - shown.length;
  return further > 0 ? [...shown, `and ${further} further causes`] : shown;
}

function thresholdLines(thresholds: readonly ThresholdResult[], paint: Paint): string[] {
  const width = Math.max(0, ...thresholds.map(({ text }) => escapeTerminal(text).length));
  return thresholds.map(({ text, ok, got, unit }) => {
    const found = got === undefined ? 'nothing to measure' : `got ${figureText(got, unit)}`;
    const sign = ok ? paint('good', '✓') : paint('bad', '✗');
    return `${sign} ${escapeTerminal(text).padEnd(width)}  ${found}`;
  });
}

function some(count: number, words: string): string[] {
  return count === 0 ? [] : [`${countText(count)} ${words}`];
}

function block(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? '' : [paint('strong', title), ...lines.map((line) => `  ${line}`)].join('\n');
}
