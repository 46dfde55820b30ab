import { dateText, durationText, el, section, type Child } from '../../../page';
import { clockText, countText, figureText, numberText, shareText } from '../figure-text';
import { outcomeName } from '../outcome';
import type { LoadPage, PageDistribution, PageStage } from './model';
import { chartsOf } from './charts';
import type { Words } from './words';

type View = HTMLElement | undefined;

const TONES = { passed: 'passed', failed: 'failed', 'not-judged': 'flaky' } as const;
const COUNTS = ['started', 'passed', 'failed', 'skipped', 'stopped', 'leftOut', 'strays'] as const;

/** The top of the page, with the other language. */
export function pageHead(words: Words, { title }: LoadPage): HTMLElement {
  const other = document.documentElement.lang === 'ko' ? 'en' : 'ko';
  return el(
    'header',
    { class: 'top' },
    el('span', { class: 'brand' }, title),
    el('span', { class: 'subject' }, words.report),
    el('a', { class: 'language', lang: other, href: `#${other}` }, words.otherLanguage),
  );
}

/** What came of the run, in a sentence. */
export function pageTop(words: Words, page: LoadPage): HTMLElement {
  const { status, thresholds, end, counters, plan, shards } = page;
  const outcome = outcomeName(page);
  const missed = thresholds.filter(({ ok }) => !ok).length;
  const sentence =
    status === 'failed' && missed > 0 ? words.missedOf(missed, thresholds.length) : words.status[outcome];
  const counts = COUNTS.filter((name) => counters[name] > 0 || name === 'started' || name === 'failed');
  const facts = [
    dateText(page.startedAt),
    durationText(page.durationMs),
    ...(plan.rows > 0 ? [words.rows(countText(plan.rows), plan.rowsOrder)] : []),
    ...(page.lostStarts === undefined ? [] : [words.lostStarts(countText(page.lostStarts))]),
    ...(page.lostCallSeconds === undefined
      ? []
      : [words.lostCallSeconds(countText(Math.round(page.lostCallSeconds)))]),
    ...(plan.shards > 1 ? [words.shards(shards.length, plan.shards)] : []),
    `${words.seed} ${plan.seed}`,
  ];
  return el(
    'div',
    { class: `banner ${TONES[status]}` },
    el('h1', {}, sentence),
    outcome === 'not-judged' ? el('p', { class: 'notes' }, words.notJudgedHint) : undefined,
    end.reason === 'completed'
      ? undefined
      : el('p', { class: 'notes' }, end.message ?? words.ends[end.reason]),
    el(
      'dl',
      { class: 'counts' },
      ...counts.map((name) =>
        el('div', {}, el('dt', {}, words.counts[name]), el('dd', {}, countText(counters[name]))),
      ),
    ),
    el('p', { class: 'facts' }, facts.join(' · ')),
  );
}

/** Each threshold with what was got. */
export function thresholdsView(words: Words, { thresholds }: LoadPage): View {
  if (thresholds.length === 0) return undefined;
  return section(
    words.thresholds,
    'thresholds',
    table(
      [words.threshold, words.got],
      thresholds.map(({ text, ok, got, unit }) => ({
        kind: ok ? 'passed' : 'failed',
        head: [sign(ok ? '✓' : '✗', ok ? words.met : words.missed), ` ${text}`],
        cells: [got === undefined ? words.nothing : figureText(got, unit)],
      })),
    ),
  );
}

/** Each stage with its verdict, and why. */
export function stagesView(words: Words, { stages }: LoadPage): View {
  const columns = [
    words.stage,
    words.verdict,
    words.started,
    words.failed,
    words.leftOut,
    words.rate,
    words.setup,
  ];
  return section(
    words.stages,
    'stages',
    table(
      columns,
      stages.map((stage) => stageRow(words, columns, stage)),
    ),
  );
}

function stageRow(words: Words, columns: readonly string[], stage: PageStage): TableRow {
  const { text, warmUp, beginMs, endMs, verdict, counters, setupP95Ms } = stage;
  const isJudged = verdict.kind === 'judged';
  const seconds = (endMs - beginMs) / 1000;
  const notes = [`${clockText(beginMs)} – ${clockText(endMs)}`, ...(warmUp ? [words.warmUp] : [])];
  return {
    kind: isJudged ? '' : 'flaky',
    head: [text, el('span', { class: 'more' }, notes.join(' · '))],
    cells: [
      el(
        'span',
        { class: isJudged ? 'badge skipped' : 'badge flaky', title: words.verdictHints[verdict.kind] },
        words.verdicts[verdict.kind],
      ),
      countText(counters.started),
      countText(counters.failed),
      countText(counters.leftOut),
      `${numberText(counters.started / Math.max(1, seconds))}/s`,
      setupP95Ms === undefined ? '–' : figureText(setupP95Ms, 'ms'),
    ],
    ...(verdict.reasons.length > 0
      ? { note: { text: verdict.reasons.join(' '), columns: columns.length } }
      : {}),
  };
}

/** The course of the run. */
export function chartsView(words: Words, { samples, stages }: LoadPage): View {
  if (samples.length === 0) return undefined;
  return section(
    words.overTime,
    'over-time',
    chartsOf(words, { samples, stages }),
    el('p', { class: 'quiet hint' }, words.chartHint),
  );
}

/** Ratios and distributions of all stages that are no warm-up. */
export function figuresView(words: Words, { ratios, counters, distributions }: LoadPage): View {
  const names = (Object.keys(words.ratioNames) as (keyof typeof ratios)[]).filter(
    (name) => ratios[name] !== undefined,
  );
  const shares = names.map((name) =>
    el(
      'div',
      { title: words.ratioHints[name] },
      el('dt', {}, el('b', {}, name.toUpperCase()), ` ${words.ratioNames[name]}`),
      el('dd', {}, shareText(ratios[name] ?? 0)),
    ),
  );
  const heard = counters.answeredWithMedia;
  return section(
    words.figures,
    'run-figures',
    names.length > 0
      ? el(
          'dl',
          { class: 'ratios' },
          el('div', {}, el('dt', {}, words.calls), el('dd', {}, countText(counters.seizures))),
          ...shares,
          heard > 0
            ? el(
                'div',
                {},
                el('dt', {}, words.oneWay),
                el('dd', {}, words.oneWayOf(countText(counters.oneWay), countText(heard))),
              )
            : undefined,
        )
      : undefined,
    distributions.length > 0
      ? table(
          [words.figure, 'p50', 'p95', 'p99', words.mean, 'min', 'max'],
          distributions.map((distribution) => distributionRow(words, distribution)),
        )
      : undefined,
  );
}

function distributionRow(words: Words, distribution: PageDistribution): TableRow {
  const { name, unit, p50, worst5, worst1, mean, min, max } = distribution;
  const [text50, text5, text1, ...others] = [p50, worst5, worst1, mean, min, max].map((value) =>
    figureText(value, unit),
  );
  const worst = name === 'mos' ? [`${text5} (p5)`, `${text1} (p1)`] : [text5, text1];
  return {
    kind: '',
    head: [el('span', { title: words.distributionHints[name] }, words.distributions[name])],
    cells: [text50, ...worst, ...others],
  };
}

/** How often each cause made a case fail. */
export function causesView(words: Words, { causes, counters }: LoadPage): View {
  if (causes.length === 0) return undefined;
  const ended = Math.max(1, counters.passed + counters.failed);
  return section(
    words.causes,
    'causes',
    table(
      [words.cause, words.count, words.share],
      causes.map(([cause, count]) => ({
        kind: '',
        head: [el('code', {}, cause)],
        cells: [countText(count), shareText(count / ended)],
      })),
    ),
  );
}

interface TableRow {
  /** Class of its tone; '' for none. */
  kind: string;
  head: Child[];
  cells: Child[];
  note?: { text: string; columns: number };
}

/** A table that a narrow page can scroll sideways. */
export function table(columns: readonly string[], rows: readonly TableRow[]): HTMLElement {
  const body = rows.flatMap(({ kind, head, cells, note }) => [
    el(
      'tr',
      { class: kind },
      el('th', { scope: 'row' }, ...head),
      ...cells.map((cell) => el('td', {}, cell)),
    ),
    ...(note ? [el('tr', { class: `note ${kind}` }, el('td', { colspan: note.columns }, note.text))] : []),
  ]);
  return el(
    'div',
    { class: 'scroll', tabindex: 0 },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, ...columns.map((column) => el('th', { scope: 'col' }, column)))),
      el('tbody', {}, ...body),
    ),
  );
}

function sign(text: string, spoken: string): HTMLElement {
  return el('span', { class: 'sign', role: 'img', 'aria-label': spoken }, text);
}
