import { drawLadder, el, messageParts, section } from '../../../page';
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
      message.replaceChildren(...messageParts(words, attempt.ladder, row, Boolean(attempt.withoutTexts)));
      message.scrollIntoView({ block: 'nearest' });
    },
  });
  const hasMessages = ladder.rows.some(({ kind }) => kind === 'message');
  const parts = hasMessages ? el('div', { class: 'split' }, picture, message) : picture;
  return section(words.ladder, 'ladder', parts);
}
