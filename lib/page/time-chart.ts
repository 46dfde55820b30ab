import { el, svg, type Child } from './dom';

/** A figure over time. */
export interface ChartSeries {
  name: string;
  /** Class of its colour: `passed`, `failed`, `flaky`, or '' for the usual one. */
  kind: string;
  /** One for each time; undefined where nothing is known. */
  values: readonly (number | undefined)[];
}

/** A stretch of the time with a name, such as a stage. */
export interface ChartSpan {
  fromMs: number;
  toMs: number;
  /** Class of its shade; '' for none. */
  kind: string;
  title: string;
}

export interface TimeChart {
  title: string;
  /** Milliseconds, in order. */
  times: readonly number[];
  endMs: number;
  series: readonly ChartSeries[];
  spans?: readonly ChartSpan[];
  /** A line that is drawn where it is near. */
  limit?: { value: number; title: string } | undefined;
  /** Least height of the chart in its unit, so that noise does not look like a mountain. */
  least: number;
  /** A value with its unit. */
  text: (value: number) => string;
  clock: (ms: number) => string;
  /** The word for the largest value. */
  most: string;
}

/** The moment that all charts of a page point at. */
export class ChartCursor {
  readonly #followers = new Set<(place: number | undefined) => void>();
  #place: number | undefined;

  /** Index of the time; undefined = none. */
  get place(): number | undefined {
    return this.#place;
  }

  set(place: number | undefined): void {
    this.#place = place;
    for (const follow of this.#followers) follow(place);
  }

  follow(follower: (place: number | undefined) => void): void {
    this.#followers.add(follower);
  }
}

const WIDTH = 1000;
const HEIGHT = 100;

/** Draws figures over time. A pointer or the arrow keys choose a moment, of which the values are told. */
export function timeChart(chart: TimeChart, cursor: ChartCursor): HTMLElement {
  const { title, series, times, endMs, text, clock } = chart;
  const top = topOf(chart);
  const x = (ms: number): number => (WIDTH * ms) / Math.max(1, endMs);
  const y = (value: number): number => HEIGHT - (HEIGHT * value) / top;
  const hand = svg('line', { class: 'hand', y1: 0, y2: HEIGHT, visibility: 'hidden' });
  const values = series.map(() => el('b'));
  const moment = el('span', { class: 'moment' });
  cursor.follow((place) => {
    const at = place === undefined ? undefined : times[place];
    hand.setAttribute('visibility', at === undefined ? 'hidden' : 'visible');
    if (at !== undefined) for (const end of ['x1', 'x2']) hand.setAttribute(end, x(at).toFixed(1));
    moment.textContent = at === undefined ? chart.most : clock(at);
    for (const [index, { values: all }] of series.entries()) {
      const value = place === undefined ? largest(all) : all[place];
      values[index].textContent = value === undefined ? '–' : text(value);
    }
  });
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      tabindex: 0,
      'aria-label': `${title}: ${chart.most} ${series.map((each) => `${each.name} ${text(largest(each.values) ?? 0)}`).join(', ')}`,
      pointermove: (event) => cursor.set(nearest(times, endMs, event as PointerEvent)),
      pointerleave: () => cursor.set(undefined),
      blur: () => cursor.set(undefined),
      keydown: (event) => moveBy(cursor, times.length, event as KeyboardEvent),
    },
    ...(chart.spans ?? []).map((span) => shade(span, x)),
    svg('path', { class: 'grid', d: `M0 ${HEIGHT / 2}H${WIDTH}M0 0H${WIDTH}M0 ${HEIGHT}H${WIDTH}` }),
    chart.limit && chart.limit.value <= top
      ? svg(
          'path',
          { class: 'limit', d: `M0 ${y(chart.limit.value).toFixed(1)}H${WIDTH}` },
          svg('title', {}, chart.limit.title),
        )
      : undefined,
    ...series.map(({ kind, values: all }) =>
      svg('path', { class: `line ${kind}`, d: lineOf(all, times, x, y) }),
    ),
    hand,
  );
  const figure = el(
    'figure',
    { class: 'time-chart' },
    el(
      'figcaption',
      {},
      el('span', { class: 'name' }, title),
      moment,
      ...series.map(({ name, kind }, index) =>
        el('span', { class: `key ${kind}` }, series.length > 1 ? `${name} ` : '', values[index]),
      ),
    ),
    el(
      'div',
      { class: 'plot' },
      drawing,
      el('span', { class: 'tick high' }, text(top)),
      el('span', { class: 'tick half' }, text(top / 2)),
    ),
    el('p', { class: 'ends quiet' }, el('span', {}, clock(0)), el('span', {}, clock(endMs))),
  );
  cursor.set(cursor.place);
  return figure;
}

/** The height of a chart: its largest value, rounded up to 1, 2 or 5 times a power of ten. */
export function topOf({ series, least }: Pick<TimeChart, 'series' | 'least'>): number {
  const most = Math.max(least, ...series.map(({ values }) => largest(values) ?? 0));
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= most * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** A line through the values; where nothing is known it has a gap, and a value alone is a dot. */
export function lineOf(
  values: readonly (number | undefined)[],
  times: readonly number[],
  x: (ms: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  values.forEach((value, place) => {
    if (value === undefined) return;
    const point = `${x(times[place]).toFixed(1)} ${y(value).toFixed(1)}`;
    const isFirst = place === 0 || values[place - 1] === undefined;
    const isAlone = isFirst && values[place + 1] === undefined;
    path += isFirst ? `M${point}${isAlone ? 'h0' : ''}` : `L${point}`;
  });
  return path;
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  let most: number | undefined;
  for (const value of values) if (value !== undefined && value >= (most ?? value)) most = value;
  return most;
}

function shade({ fromMs, toMs, kind, title }: ChartSpan, x: (ms: number) => number): Child {
  const [left, right] = [x(fromMs), x(toMs)];
  return svg(
    'g',
    { class: `span ${kind}` },
    svg('title', {}, title),
    svg('rect', { x: left.toFixed(1), y: 0, width: Math.max(0, right - left).toFixed(1), height: HEIGHT }),
    fromMs > 0 ? svg('path', { d: `M${left.toFixed(1)} 0V${HEIGHT}` }) : undefined,
  );
}

function nearest(times: readonly number[], endMs: number, event: PointerEvent): number | undefined {
  const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
  const ms = ((event.clientX - left) / Math.max(1, width)) * endMs;
  let best: number | undefined;
  times.forEach((time, place) => {
    if (best === undefined || Math.abs(time - ms) < Math.abs(times[best] - ms)) best = place;
  });
  return best;
}

function moveBy(cursor: ChartCursor, count: number, event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0 || count === 0) return;
  event.preventDefault();
  const from = cursor.place ?? (step > 0 ? -1 : count);
  cursor.set(Math.min(count - 1, Math.max(0, from + step)));
}
