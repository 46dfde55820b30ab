import { valueText } from '../../../evidence';
import { el, section, type Child, dateText, durationText, timeText } from '../../../page';
import { callsView } from './calls-view';
import { checksView } from './checks-view';
import { ladderView } from './ladder-view';
import type { PageContext } from './main';
import type { PageAttempt, PageVerdict } from './model';
import { operatorSign } from './operators';
import { placesIn } from './state';
import { stepsView } from './steps-view';
import { badge, pageHead } from './summary-view';

/** Characters of a value of a row. */
const LONG_VALUE = 2_000;

/** The page of a verdict. */
export function verdictView(page: PageContext, place: number, verdict: PageVerdict): HTMLElement {
  const { words, index, state } = page;
  const row = index.rows[place];
  const attempt = verdict.attempts.find(({ number }) => number === state.attempt) ?? verdict.attempts.at(-1);
  const facts = [
    row.file,
    dateText(verdict.startedAt),
    durationText(row.durationMs),
    ...(verdict.seed === undefined ? [] : [`${words.seed} ${verdict.seed}`]),
  ];
  return el(
    'div',
    { class: 'page' },
    pageHead(page),
    navigation(page, place),
    el(
      'main',
      { class: 'verdict' },
      el(
        'div',
        { class: 'title' },
        badge(words.status[row.status], row.status),
        el('h1', { tabindex: -1 }, row.title),
        ...row.tags.map((tag) => el('span', { class: 'tag' }, tag)),
      ),
      el('p', { class: 'facts' }, facts.filter(Boolean).join(' · ')),
      verdict.attempts.length > 1 ? attemptTabs(page, verdict, attempt) : undefined,
      reasonOf(page, verdict, attempt),
      rowValues(page, verdict.rowValues),
      ...(attempt ? attemptParts(page, attempt) : [el('p', { class: 'card' }, words.lostAttempts)]),
    ),
  );
}

function navigation({ words, index, state, address }: PageContext, place: number): HTMLElement {
  const places = placesIn(index.rows, state);
  const here = places.indexOf(place);
  const link = (to: number | undefined, text: string, key: string): Child =>
    to === undefined
      ? undefined
      : el('a', { href: address({ verdict: to, attempt: undefined }), title: key }, text);
  return el(
    'nav',
    {},
    el('a', { href: address({ verdict: undefined, attempt: undefined }), title: 'Esc' }, `← ${words.back}`),
    el('span', { class: 'space' }),
    here >= 0 ? el('span', { class: 'quiet' }, words.place(here + 1, places.length)) : undefined,
    here > 0 ? link(places[here - 1], `‹ ${words.previous}`, 'k') : undefined,
    here >= 0 ? link(places[here + 1], `${words.next} ›`, 'j') : undefined,
  );
}

function attemptTabs({ words, address }: PageContext, verdict: PageVerdict, shown: PageAttempt | undefined) {
  return el(
    'div',
    { class: 'attempts', role: 'group', 'aria-label': words.attempts },
    ...verdict.attempts.map(({ number, status, durationMs }) =>
      el(
        'a',
        {
          class: `chip ${status}`,
          href: address({ attempt: number }),
          'aria-current': number === shown?.number ? 'true' : undefined,
        },
        `${words.attempt(number)}: ${words.status[status]} `,
        el('span', { class: 'quiet' }, durationText(durationMs)),
      ),
    ),
  );
}

/** The reason in a sentence, with what was wanted and got. */
function reasonOf(page: PageContext, verdict: PageVerdict, attempt: PageAttempt | undefined): HTMLElement {
  const { words } = page;
  const reason = attempt ? attempt.reason : verdict.reason;
  const failed = attempt?.status === 'failed' ? attempt : undefined;
  const check = failed?.checks.find(({ ok, severity }) => !ok && severity === 'error');
  const { sentence, tone } = reason
    ? // A reason of what passed is a warning.
      {
        sentence: reason.message,
        tone: attempt?.status === 'passed' ? 'flaky' : (attempt?.status ?? 'failed'),
      }
    : sentenceOf(page, verdict, attempt);
  const where = reason
    ? [
        `${words.at} ${timeText(reason.atMs)}`,
        ...(reason.node ? [`${words.inStep} ${reason.node.name || reason.node.type}`] : []),
      ]
    : [];
  return el(
    'div',
    { class: `reason ${tone}` },
    el('p', { class: 'sentence' }, sentence),
    reason ? el('p', { class: 'quiet' }, `${where.join(' · ')} · `, el('code', {}, reason.code)) : undefined,
    check
      ? el(
          'dl',
          { class: 'compare' },
          ...pair(
            words.wanted,
            `${operatorSign(check.operator)} ${valueText(check.wanted ?? '', LONG_VALUE)}`,
          ),
          ...pair(words.got, check.got === undefined ? words.nothing : valueText(check.got, LONG_VALUE)),
        )
      : undefined,
  );
}

/** What is said of an attempt without a reason. */
function sentenceOf(
  { words }: PageContext,
  verdict: PageVerdict,
  attempt: PageAttempt | undefined,
): { sentence: string; tone: string } {
  if (attempt?.status !== 'passed') return { sentence: words.noReason, tone: attempt?.status ?? 'failed' };
  if (attempt.checks.length === 0) return { sentence: words.withoutChecks, tone: 'flaky' };
  if (verdict.attempts.some(({ status }) => status === 'failed')) {
    return { sentence: words.passedOnRetry(attempt.number), tone: 'flaky' };
  }
  return { sentence: words.passedSentence, tone: 'passed' };
}

function pair(name: string, value: string): HTMLElement[] {
  return [el('dt', {}, name), el('dd', {}, value)];
}

function rowValues({ words }: PageContext, values: PageVerdict['rowValues']): Child {
  if (!values || Object.keys(values).length === 0) return undefined;
  const pairs = Object.entries(values).flatMap(([name, value]) => pair(name, valueText(value, LONG_VALUE)));
  return section(words.row, 'row', el('dl', { class: 'values' }, ...pairs));
}

function attemptParts(page: PageContext, attempt: PageAttempt): Child[] {
  const { words } = page;
  const leftOut = Object.entries(attempt.leftOut).filter(([, count]) => count > 0);
  return [
    section(
      words.leaks,
      'leaks',
      attempt.leaks.length > 0
        ? el('ul', {}, ...attempt.leaks.map(({ kind, what }) => el('li', {}, el('b', {}, kind), ` ${what}`)))
        : undefined,
    ),
    el('div', { class: 'columns' }, checksView(page, attempt), stepsView(page, attempt)),
    ladderView(page, attempt),
    callsView(page, attempt),
    section(
      words.files,
      'files',
      attempt.files.length > 0
        ? el(
            'ul',
            {},
            ...attempt.files.map(({ title, kind, href }) =>
              el('li', {}, el('a', { href }, title), el('span', { class: 'quiet' }, ` ${kind}`)),
            ),
          )
        : undefined,
    ),
    leftOut.length > 0
      ? el(
          'p',
          { class: 'quiet' },
          `${words.leftOut}: ${leftOut.map(([name, count]) => `${count} ${name}`).join(', ')}`,
        )
      : undefined,
  ];
}
