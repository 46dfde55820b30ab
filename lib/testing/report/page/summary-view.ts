import { el, svg, dateText, durationText } from '../../../page';
import type { PageContext } from './main';
import type { PageRow } from './model';
import { ORDERS, placesIn, STATUSES } from './state';

/** The list of all verdicts with its filters. */
export class Summary {
  readonly element: HTMLElement;
  readonly #count = el('p', { class: 'count', role: 'status', 'aria-live': 'polite' });
  readonly #list = el('tbody');
  readonly #empty = el('p', { class: 'empty' });
  readonly #table: HTMLTableElement;
  readonly #buttons: HTMLElement;
  #page: PageContext;

  constructor(page: PageContext) {
    this.#page = page;
    const { words } = page;
    const column = (text: string, kind: string) => el('th', { scope: 'col', class: kind }, text);
    this.#table = el(
      'table',
      { class: 'tests' },
      el('caption', { class: 'unseen' }, words.report),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          column(words.columns.status, 'status'),
          column(words.columns.test, 'test'),
          column(words.columns.reason, 'cause'),
          column(words.columns.duration, 'duration'),
        ),
      ),
      this.#list,
    );
    this.#buttons = el('div', { class: 'statuses', role: 'group', 'aria-label': words.columns.status });
    this.element = el(
      'div',
      { class: 'page' },
      pageHead(page),
      el('main', {}, banner(page), this.#filters(), this.#count, this.#table, this.#empty),
      el('footer', {}, words.keys),
    );
    this.update(page);
  }

  /** Shows the verdicts that fit. */
  update(page: PageContext): void {
    this.#page = page;
    const { index, state, words } = page;
    const places = placesIn(index.rows, state);
    this.#buttons.replaceChildren(...this.#statusButtons());
    this.#list.replaceChildren(...places.map((place) => lineOf(page, index.rows[place], place)));
    this.#count.textContent = words.shown(places.length, index.rows.length);
    this.#table.hidden = places.length === 0;
    this.#empty.hidden = places.length > 0 || index.rows.length === 0;
    this.#empty.replaceChildren(`${words.nothingShown} `, this.#clear());
  }

  #filters(): HTMLElement {
    const { state, words, index } = this.#page;
    const change = (name: 'text' | 'tag' | 'slower' | 'order') => (event: Event) => {
      const { value } = event.target as HTMLInputElement;
      this.#page.go({ [name]: name === 'slower' ? Math.max(0, Number(value)) || 0 : value }, true);
    };
    const tags = [...new Set(index.rows.flatMap((row) => row.tags))].sort();
    const field = (label: string, control: HTMLElement) => el('label', {}, el('span', {}, label), control);
    const option = (value: string, text: string, selected: boolean) =>
      el('option', { value, selected }, text);
    return el(
      'form',
      {
        class: 'filters',
        role: 'search',
        'aria-label': words.filters,
        submit: (event) => event.preventDefault(),
      },
      this.#buttons,
      field(
        words.search,
        el('input', {
          type: 'search',
          placeholder: words.searchHint,
          value: state.text,
          input: change('text'),
        }),
      ),
      tags.length === 0
        ? undefined
        : field(
            words.tag,
            el(
              'select',
              { change: change('tag') },
              option('', words.anyTag, state.tag === ''),
              ...tags.map((tag) => option(tag, tag, tag === state.tag)),
            ),
          ),
      field(
        words.slower,
        el('input', {
          type: 'number',
          min: 0,
          step: 'any',
          value: state.slower || '',
          input: change('slower'),
        }),
      ),
      field(
        words.order,
        el(
          'select',
          { change: change('order') },
          ...ORDERS.map((order) => option(order, words.orders[order], order === state.order)),
        ),
      ),
    );
  }

  #statusButtons(): HTMLElement[] {
    const { index, state, words, go } = this.#page;
    const button = (text: string, count: number, pressed: boolean, kind: string, press: () => void) =>
      el(
        'button',
        { type: 'button', class: `chip ${kind}`, 'aria-pressed': String(pressed), click: press },
        text,
        ' ',
        el('b', {}, String(count)),
      );
    const known = STATUSES.filter((status) => index.summary[status] > 0);
    return [
      button(words.all, index.summary.total, state.statuses.length === 0, 'all', () =>
        go({ statuses: [] }, true),
      ),
      ...known.map((status) => {
        const isShown = state.statuses.includes(status);
        const others = state.statuses.filter((each) => each !== status);
        return button(words.status[status], index.summary[status], isShown, status, () =>
          go({ statuses: isShown ? others : [...others, status] }, true),
        );
      }),
    ];
  }

  /** Takes all filters away, also out of their fields. */
  #clear(): HTMLElement {
    const { words, address } = this.#page;
    const none = { statuses: [], text: '', tag: '', slower: 0 };
    return el(
      'a',
      { href: address(none), click: () => this.element.querySelector('form')?.reset() },
      words.clear,
    );
  }
}

/** The top of every page. */
export function pageHead({ index, words, address }: PageContext): HTMLElement {
  const other = document.documentElement.lang === 'ko' ? 'en' : 'ko';
  return el(
    'header',
    { class: 'top' },
    el('a', { class: 'brand', href: address({ verdict: undefined, attempt: undefined }) }, index.title),
    el('span', { class: 'subject' }, words.report),
    el('a', { class: 'language', lang: other, href: address({ language: other }) }, words.otherLanguage),
  );
}

/** The outcome of the run in a sentence. */
function banner({ index, words }: PageContext): HTMLElement {
  const { total, failed, flaky, skipped, passed } = index.summary;
  const sentence =
    total === 0
      ? words.noTests
      : failed > 0
        ? words.someFailed(failed, total)
        : passed === total
          ? words.allPassed(total)
          : words.noneFailed(total);
  const notes = [
    ...(flaky > 0 ? [words.flakyNote(flaky)] : []),
    ...(skipped > 0 ? [words.skippedNote(skipped)] : []),
  ];
  const versions = Object.entries(index.versions).map(([name, version]) => `${name} ${version}`);
  return el(
    'div',
    { class: `banner ${failed > 0 ? 'failed' : flaky > 0 ? 'flaky' : 'passed'}` },
    el('h1', {}, sentence),
    notes.length > 0 ? el('p', { class: 'notes' }, notes.join(' · ')) : undefined,
    total > 0 ? proportions(index.summary) : undefined,
    el(
      'p',
      { class: 'facts' },
      [dateText(index.startedAt), durationText(index.durationMs), ...versions].join(' · '),
    ),
  );
}

function proportions(summary: PageContext['index']['summary']): SVGElement {
  let x = 0;
  const parts = STATUSES.map((status) => {
    const width = (100 * summary[status]) / summary.total;
    x += width;
    return svg('rect', { class: status, x: x - width, y: 0, width, height: 4 });
  });
  return svg(
    'svg',
    { class: 'proportions', viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...parts,
  );
}

function lineOf({ words, address }: PageContext, row: PageRow, place: number): HTMLElement {
  const tries = row.attempts > 1 ? ` · ${words.attemptsCount(row.attempts)}` : '';
  return el(
    'tr',
    { class: row.status },
    el('td', { class: 'status' }, badge(words.status[row.status], row.status)),
    el(
      'th',
      { scope: 'row', class: 'test' },
      el('a', { href: address({ verdict: place }) }, row.title),
      el('span', { class: 'more' }, row.file, ...row.tags.map((tag) => el('span', { class: 'tag' }, tag))),
    ),
    el('td', { class: 'cause' }, row.cause),
    el('td', { class: 'duration' }, `${durationText(row.durationMs)}${tries}`),
  );
}

const SIGNS = { passed: '✓', failed: '✗', flaky: '±', skipped: '–' } as const;

/** A status by sign and word, not by colour alone. */
export function badge(text: string, status: PageRow['status']): HTMLElement {
  return el(
    'span',
    { class: `badge ${status}` },
    el('span', { 'aria-hidden': 'true' }, SIGNS[status]),
    ` ${text}`,
  );
}
