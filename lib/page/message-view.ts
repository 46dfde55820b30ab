import type { Ladder, LadderMessageRow } from '../evidence';
import { el } from './dom';
import { messageFacts } from './ladder-picture';

/** Texts of a message of a ladder. */
export interface MessageWords {
  copy: string;
  copied: string;
  /** How often it was sent. */
  copies: (count: number) => string;
  /** In place of the text of a message that is not in the page. */
  textLeftOut: string;
}

/** A message of a ladder as a whole: its name with a button that copies it, when it went where, and its text. */
export function messageParts(
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
