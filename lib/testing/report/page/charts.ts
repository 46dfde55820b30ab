import { el, svg, timeText } from '../../../page';
import type { MediaSample } from '../../types';
import type { PageContext } from './main';

const WIDTH = 300;
const HEIGHT = 60;
const NAMES = ['lossPercent', 'jitterMs', 'levelDbfs'] as const;
type Name = (typeof NAMES)[number];
/** Least height of a chart in its unit, so that noise does not look like a mountain. */
const LEAST_SPAN: Record<Name, number> = { lossPercent: 5, jitterMs: 10, levelDbfs: 20 };

/** Loss, jitter and level over time, as far as there are two values. */
export function chartsOf({ words }: PageContext, series: readonly MediaSample[]): HTMLElement[] {
  const charts = NAMES.flatMap((name) => {
    const points = series.flatMap((sample): [number, number][] => {
      const value = sample[name];
      return typeof value === 'number' && Number.isFinite(value) ? [[sample.atMs, value]] : [];
    });
    return points.length < 2
      ? []
      : [chartOf(words.chart[name], points, LEAST_SPAN[name], name === 'levelDbfs')];
  });
  return charts.length === 0 ? [] : [el('div', { class: 'charts' }, ...charts)];
}

function chartOf(title: string, points: readonly [number, number][], leastSpan: number, fromAbove: boolean) {
  const values = points.map(([, value]) => value);
  const high = fromAbove
    ? Math.max(...values, Math.min(...values) + leastSpan)
    : Math.max(leastSpan, ...values);
  const low = fromAbove ? Math.min(...values) : 0;
  const [[first], [last]] = [points[0], points[points.length - 1]];
  const x = (atMs: number): number => (WIDTH * (atMs - first)) / Math.max(1, last - first);
  const y = (value: number): number => HEIGHT - (HEIGHT * (value - low)) / Math.max(1e-9, high - low);
  const line = points.map(([atMs, value]) => `${x(atMs).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
  const range = `${Math.min(...values).toFixed(1)} – ${Math.max(...values).toFixed(1)}`;
  return el(
    'figure',
    {},
    el('figcaption', {}, `${title} `, el('b', {}, range)),
    svg(
      'svg',
      {
        viewBox: `0 -2 ${WIDTH} ${HEIGHT + 4}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `${title}: ${range}`,
      },
      svg('path', { class: 'axis', d: `M0 ${HEIGHT}H${WIDTH}` }),
      svg('path', { class: 'line', d: `M${line}` }),
    ),
    el('p', { class: 'ends quiet' }, el('span', {}, timeText(first)), el('span', {}, timeText(last))),
  );
}
