import type { Ladder, LadderMessageRow } from '../../../lib/evidence';
import { drawLadder, el, type LadderPicture, messageFacts } from '../../../lib/page';
import { button } from './buttons';
import { notify } from './notice';
import { say } from './words';

/** A ladder, and below it the message that was chosen in it. */
export class LadderPanel {
  readonly element: HTMLElement;
  readonly #picture = el('div', { class: 'sipflow-picture' });
  readonly #message = el('div', { class: 'sipflow-message', 'aria-live': 'polite' });
  #redraw: ((picture: LadderPicture) => void) | undefined;
  #shown = '';

  constructor() {
    this.element = el('div', { class: 'sipflow-ladder-panel' }, this.#picture, this.#message);
  }

  /** Draws a ladder, unless it is the one that is shown. */
  show(ladder: Ladder): void {
    const text = JSON.stringify(ladder);
    if (text === this.#shown) return;
    this.#shown = text;
    const hasMessages = ladder.rows.some(({ kind }) => kind === 'message');
    if (this.#message.childElementCount === 0 && hasMessages) {
      this.#message.replaceChildren(el('p', { class: 'sipflow-quiet' }, say('call.ladderHint')));
    }
    const picture = {
      ladder,
      title: say('call.ladder'),
      onMessage: (row: LadderMessageRow) => this.#read(ladder, row),
    };
    if (this.#redraw) this.#redraw(picture);
    else this.#redraw = drawLadder(this.#picture, picture);
  }

  #read(ladder: Ladder, row: LadderMessageRow): void {
    const copy = button(say('call.copy'), 'clipboard', () => {
      RED.clipboard.copyText(row.text);
      notify(say('call.copied'), 'success');
    });
    const facts = messageFacts(ladder, row, (count) => say('call.copies', { count }));
    this.#message.replaceChildren(
      el('div', { class: 'sipflow-bar' }, el('b', {}, row.label), copy),
      el('p', { class: 'sipflow-quiet' }, facts),
      el('pre', { tabindex: 0 }, row.text),
    );
    this.#message.scrollIntoView({ block: 'nearest' });
  }
}
