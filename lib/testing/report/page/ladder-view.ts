import { escapeUnseen, ladderSvg, type LadderMessageRow } from '../../../evidence';
import { el, section } from './dom';
import type { PageContext } from './main';
import type { PageAttempt } from './model';
import { timeText } from './times';

/** Pixels beyond which a ladder only has emptier lanes. */
const WIDEST = 1_000;

/** The ladder of an attempt; a message that is chosen is shown beside it. */
export function ladderView(page: PageContext, attempt: PageAttempt): HTMLElement | undefined {
  const { words } = page;
  const { ladder } = attempt;
  if (ladder.rows.length === 0) return undefined;
  const picture = el('div', { class: 'picture' });
  const message = el(
    'div',
    { class: 'message', 'aria-live': 'polite' },
    el('p', { class: 'quiet' }, words.ladderHint),
  );
  const choose = (group: Element, row: LadderMessageRow): void => {
    picture.querySelector('.chosen')?.classList.remove('chosen');
    group.classList.add('chosen');
    message.replaceChildren(...messageParts(page, attempt, row));
    message.scrollIntoView({ block: 'nearest' });
  };
  let drawn = 0;
  const draw = (): void => {
    const width = Math.min(WIDEST, Math.floor(picture.clientWidth));
    if (width === drawn || width === 0) return;
    drawn = width;
    picture.replaceChildren(pictureOf(page, attempt, width, choose));
  };
  new ResizeObserver(draw).observe(picture);
  const hasMessages = ladder.rows.some(({ kind }) => kind === 'message');
  const parts = hasMessages ? el('div', { class: 'split' }, picture, message) : picture;
  return section(words.ladder, 'ladder', parts);
}

function pictureOf(
  { words }: PageContext,
  { ladder, failedRow }: PageAttempt,
  width: number,
  choose: (group: Element, row: LadderMessageRow) => void,
): Element {
  // An SVG of our own making, in which every text is escaped; as XML it is whole or it is nothing.
  const text = ladderSvg(ladder, { width, theme: 'page', title: words.ladder });
  const drawing = document.importNode(
    new DOMParser().parseFromString(text, 'image/svg+xml').documentElement,
    true,
  );
  drawing.querySelectorAll<SVGElement>('g.row').forEach((group) => {
    const place = Number(group.dataset.row);
    const row = ladder.rows[place];
    if (place === failedRow) {
      group.classList.add('here');
      const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
      title.textContent = words.failedHere;
      group.prepend(title);
    }
    if (row?.kind !== 'message') return;
    const name = `${timeText(row.atMs)} ${row.label}: ${ladder.lanes[row.from]?.name} → ${ladder.lanes[row.to]?.name}`;
    group.setAttribute('tabindex', '0');
    group.setAttribute('role', 'button');
    group.setAttribute('aria-label', escapeUnseen(name));
    group.addEventListener('click', () => choose(group, row));
    group.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose(group, row);
    });
  });
  return drawing;
}

function messageParts({ words }: PageContext, attempt: PageAttempt, row: LadderMessageRow): HTMLElement[] {
  const { lanes } = attempt.ladder;
  const facts = [
    timeText(row.atMs),
    `${lanes[row.from]?.name} → ${lanes[row.to]?.name}`,
    row.transport.toUpperCase(),
    ...(row.copies > 1 ? [words.copies(row.copies)] : []),
  ];
  const copy = el(
    'button',
    {
      type: 'button',
      class: 'small',
      click: () =>
        void navigator.clipboard?.writeText(row.text).then(
          () => (copy.textContent = words.copied),
          () => undefined,
        ),
    },
    words.copy,
  );
  const head = el('div', { class: 'head' }, el('h3', {}, row.label), copy);
  const text = attempt.withoutTexts ? el('p', {}, words.textLeftOut) : el('pre', { tabindex: 0 }, row.text);
  return [head, el('p', { class: 'quiet' }, facts.join(' · ')), text];
}
