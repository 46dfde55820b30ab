import type { LadderMessageRow } from '../../../evidence';
import { drawLadder, el, messageFacts, section } from '../../../page';
import type { PageContext } from './main';
import type { PageAttempt } from './model';

/** The ladder of an attempt; a message that is chosen is shown beside it. */
export function ladderView(page: PageContext, attempt: PageAttempt): HTMLElement | undefined {
  const { words } = page;
  const { ladder, failedRow } = attempt;
  if (ladder.rows.length === 0) return undefined;
  const picture = el('div', { class: 'picture' });
  const message = el(
    'div',
    { class: 'message', 'aria-live': 'polite' },
    el('p', { class: 'quiet' }, words.ladderHint),
  );
  drawLadder(picture, {
    ladder,
    title: words.ladder,
    marked: failedRow === undefined ? undefined : { row: failedRow, title: words.failedHere },
    onMessage: (row) => {
      message.replaceChildren(...messageParts(page, attempt, row));
      message.scrollIntoView({ block: 'nearest' });
    },
  });
  const hasMessages = ladder.rows.some(({ kind }) => kind === 'message');
  const parts = hasMessages ? el('div', { class: 'split' }, picture, message) : picture;
  return section(words.ladder, 'ladder', parts);
}

function messageParts({ words }: PageContext, attempt: PageAttempt, row: LadderMessageRow): HTMLElement[] {
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
  return [head, el('p', { class: 'quiet' }, messageFacts(attempt.ladder, row, words.copies)), text];
}
