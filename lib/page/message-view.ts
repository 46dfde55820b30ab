import type { Ladder, LadderMessageRow } from '../evidence';
import { el } from './dom';
import { drawLadder, messageFacts, type LadderPicture } from './ladder-picture';

/** Texts of a ladder and its messages. */
export interface MessageWords {
  /** Name of the picture. */
  ladder: string;
  /** In place of a message, until one is chosen. */
  ladderHint: string;
  copy: string;
  copied: string;
  /** How often it was sent. */
  copies: (count: number) => string;
  /** In place of the text of a message that is not in the page. */
  textLeftOut: string;
}

/** A ladder, and beside it the message that is chosen; undefined for one without rows. */
export function ladderWithMessage(
  words: MessageWords,
  { ladder, marked }: Pick<LadderPicture, 'ladder' | 'marked'>,
  withoutTexts: boolean,
): HTMLElement | undefined {
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
    marked,
    onMessage: (row) => {
      message.replaceChildren(...messageParts(words, ladder, row, withoutTexts));
      message.scrollIntoView({ block: 'nearest' });
    },
  });
  const hasMessages = ladder.rows.some(({ kind }) => kind === 'message');
  return hasMessages ? el('div', { class: 'split' }, picture, message) : picture;
}

/** A message of a ladder as a whole: its name with a button that copies it, when it went where, and its text. */
function messageParts(
  words: MessageWords,
  ladder: Ladder,
  row: LadderMessageRow,
  withoutText: boolean,
): HTMLElement[] {
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
  return [
    el('div', { class: 'head' }, el('h3', {}, row.label), copy),
    el('p', { class: 'quiet' }, messageFacts(ladder, row, words.copies)),
    withoutText ? el('p', {}, words.textLeftOut) : el('pre', { tabindex: 0 }, row.text),
  ];
}
