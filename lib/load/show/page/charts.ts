import { ChartCursor, el, timeChart, type ChartSeries, type ChartSpan, type TimeChart } from '../../../page';
import { HEALTH_LIMITS } from '../../health';
import type { LoadSample } from '../../samples';
import { clockText, figureText, numberText } from '../figure-text';
import type { PageStage } from './model';
import type { Words } from './words';

/** What charts of a run are made of. */
export interface RunCourse {
  samples: readonly LoadSample[];
  stages: readonly Pick<PageStage, 'text' | 'warmUp' | 'beginMs' | 'endMs' | 'verdict'>[];
}

type ChartWords = Pick<Words, 'charts' | 'most' | 'limit' | 'counts'>;
type Figures = Pick<TimeChart, 'title' | 'series' | 'least' | 'text'> & { limit?: number };

/** A chart for each figure of a run that is known, with its stages marked. */
export function chartsOf(words: ChartWords, course: RunCourse): HTMLElement {
  const cursor = new ChartCursor();
  const { samples, stages } = course;
  const last = samples.at(-1);
  const endMs = Math.max(stages.at(-1)?.endMs ?? 0, last ? last.atMs + last.seconds * 1000 : 0);
  const times = samples.map(({ atMs, seconds }) => atMs + seconds * 500);
  const spans = stages.map(spanOf);
  const shown = figuresOf(words, samples).filter(({ series }) =>
    series.some(({ values }) => values.some((value) => value !== undefined)),
  );
  return el(
    'div',
    { class: 'time-charts' },
    ...shown.map(({ limit, ...figures }) =>
      timeChart(
        {
          ...figures,
          times,
          endMs,
          spans,
          clock: clockText,
          most: words.most,
          limit: limit === undefined ? undefined : { value: limit, title: words.limit(figures.text(limit)) },
        },
        cursor,
      ),
    ),
  );
}

function figuresOf({ charts, counts }: ChartWords, samples: readonly LoadSample[]): Figures[] {
  const series = (
    name: string,
    kind: string,
    of: (sample: LoadSample) => number | undefined,
  ): ChartSeries => ({ name, kind, values: samples.map(of) });
  const perSecond = (name: 'started' | 'passed' | 'failed' | 'leftOut', kind: string): ChartSeries =>
    series(counts[name], kind, (sample) => sample[name] / Math.max(1, sample.seconds));
  const leftOut = samples.some((sample) => sample.leftOut > 0) ? [perSecond('leftOut', 'flaky')] : [];
  const ms = (value: number): string => figureText(value, 'ms');
  const rate = (value: number): string => `${numberText(value)}/s`;
  return [
    {
      title: charts.rate,
      series: [perSecond('started', ''), perSecond('passed', 'passed'), ...leftOut],
      least: 1,
      text: rate,
    },
    {
      title: charts.running,
      series: [series(charts.running, '', ({ running }) => running)],
      least: 1,
      text: numberText,
    },
    { title: charts.failures, series: [perSecond('failed', 'failed')], least: 1, text: rate },
    {
      title: charts.setup,
      series: [series(charts.setup, '', ({ setupP95Ms }) => setupP95Ms)],
      least: 10,
      text: ms,
    },
    {
      title: charts.late,
      series: [series(charts.late, '', ({ lateP95Ms }) => lateP95Ms)],
      least: 5,
      text: ms,
      limit: HEALTH_LIMITS.lateP99Ms,
    },
    {
      title: charts.mediaLate,
      series: [series(charts.mediaLate, '', ({ mediaLateP99Ms }) => mediaLateP99Ms)],
      least: 20,
      text: ms,
    },
    {
      title: charts.loop,
      series: [
        series(charts.loop, '', ({ loopBusy }) => (loopBusy === undefined ? undefined : loopBusy * 100)),
      ],
      least: 100,
      text: (value) => figureText(value, '%'),
      limit: HEALTH_LIMITS.loopBusy * 100,
    },
  ];
}

function spanOf({ text, warmUp, beginMs, endMs, verdict }: RunCourse['stages'][number]): ChartSpan {
  const kind = verdict.kind === 'judged' ? (warmUp ? 'warm-up' : '') : 'doubted';
  return { fromMs: beginMs, toMs: endMs, kind, title: text };
}
