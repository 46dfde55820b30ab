import { operatorText, valueText } from '../../../lib/evidence';
import { durationText, el, timeText, type Child } from '../../../lib/page';
import type { AttemptDetail, VerdictDetail } from '../server/verdicts';
import { ask } from './api';
import { button } from './buttons';
import { nodeOf, reveal } from './flow';
import { LadderPanel } from './ladder-panel';
import { attempt } from './notice';
import { numberOf } from './times';
import { language, say } from './words';

/** Characters of a value of a check. */
const VALUE_LENGTH = 200;

interface Around {
  onClose: () => void;
  openCall: (id: string) => Promise<void>;
}

/** An opened verdict: why, checks, steps and ladder of each attempt. */
export class VerdictView {
  readonly element: HTMLElement;
  readonly #heading: HTMLElement;

  /** Rejects with a `Refusal` when it is not kept any more. */
  static async load(id: string, around: Around): Promise<VerdictView> {
    return new VerdictView(
      await ask<VerdictDetail>(`verdicts/${encodeURIComponent(id)}?lang=${language()}`),
      around,
    );
  }

  private constructor(verdict: VerdictDetail, { onClose, openCall }: Around) {
    const { title, row, status, reason, attempts, durationMs, rowValues } = verdict;
    const name = row === undefined ? title : `${title} · ${say('tests.row', { row })}`;
    this.#heading = el('h3', { tabindex: -1 }, name);
    const several = attempts.length > 1;
    this.element = el(
      'div',
      {
        class: 'sipflow-scroll sipflow-detail',
        keydown: (event) => {
          if ((event as KeyboardEvent).key !== 'Escape') return;
          event.stopPropagation();
          onClose();
        },
      },
      el(
        'div',
        { class: 'sipflow-bar' },
        button(say('back'), 'chevron-left', onClose),
        nodeOf(verdict.case) ? button(say('tests.reveal'), 'sitemap', () => reveal(verdict.case)) : undefined,
      ),
      this.#heading,
      el(
        'p',
        {},
        el('span', { class: `sipflow-chip ${status}` }, say(`verdict.${status}`)),
        ` ${durationText(durationMs)}`,
      ),
      reason === undefined
        ? undefined
        : el('p', { class: status === 'failed' ? 'sipflow-fault' : '' }, reason.message),
      rowValues === undefined
        ? undefined
        : el('p', { class: 'sipflow-quiet' }, valueText(rowValues, VALUE_LENGTH)),
      ...attempts.flatMap((each, place) => [
        several ? el('h4', {}, say('verdict.attempt', { number: place + 1 })) : undefined,
        ...attemptParts(each, openCall),
      ]),
    );
  }

  /** The heading has the focus, so that a screen reader begins there. */
  focus(): void {
    this.#heading.focus({ preventScroll: true });
  }
}

function attemptParts(found: AttemptDetail, openCall: Around['openCall']): Child[] {
  const { checks, steps, leaks, calls, ladder } = found;
  const panel = new LadderPanel();
  panel.show(ladder);
  return [
    list(say('verdict.checks'), checks.map(checkItem)),
    list(
      say('verdict.leaks'),
      leaks.map(({ what }) => el('li', { class: 'sipflow-fault' }, what)),
    ),
    ladder.rows.length === 0 ? undefined : el('h4', {}, say('call.ladder')),
    ladder.rows.length === 0 ? undefined : panel.element,
    list(say('verdict.steps'), steps.map(stepItem)),
    list(
      say('verdict.calls'),
      calls.map(({ id, from, to }) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'sipflow-link', click: () => attempt(() => openCall(id)) },
            `${numberOf(from)} → ${numberOf(to)}`,
          ),
        ),
      ),
    ),
  ];
}

function list(title: string, items: HTMLElement[]): HTMLElement | undefined {
  if (items.length === 0) return undefined;
  return el('section', {}, el('h4', {}, title), el('ul', { class: 'sipflow-facts' }, ...items));
}

function checkItem({
  ok,
  severity,
  what,
  operator,
  wanted,
  got,
}: AttemptDetail['checks'][number]): HTMLElement {
  const kind = ok ? 'passed' : severity === 'warning' ? 'flaky' : 'failed';
  const value = wanted === undefined ? '' : ` ${valueText(wanted, VALUE_LENGTH)}`;
  const found = got === undefined || got === null ? say('verdict.nothing') : valueText(got, VALUE_LENGTH);
  return el(
    'li',
    {},
    el(
      'span',
      { class: `sipflow-sign ${kind}`, role: 'img', 'aria-label': say(`check.${kind}`) },
      ok ? '✓' : kind === 'flaky' ? '!' : '✗',
    ),
    ` ${what} ${operatorText(operator)}${value}`,
    el('span', { class: 'sipflow-quiet' }, ` ${say('verdict.got')} ${found}`),
  );
}

function stepItem({ node, atMs, outcome, detail }: AttemptDetail['steps'][number]): HTMLElement {
  const name = node.name || node.type;
  return el(
    'li',
    {},
    el('span', { class: 'sipflow-time' }, timeText(atMs)),
    ' ',
    nodeOf(node.id)
      ? el('button', { type: 'button', class: 'sipflow-link', click: () => reveal(node.id) }, name)
      : name,
    ` ${outcome}`,
    detail === undefined ? undefined : el('span', { class: 'sipflow-quiet' }, ` ${detail}`),
  );
}
