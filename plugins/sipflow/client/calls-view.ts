import { el } from '../../../lib/page';
import type { CallList, CallRow } from '../server/calls';
import { ask } from './api';
import { CallView } from './call-view';
import { CallStore } from './call-store';
import { attempt } from './notice';
import { clockText, numberOf, spanText } from './times';
import type { View } from './view';
import { VirtualList } from './virtual-list';
import { say, sayOr } from './words';

/** The running and recent calls, and the one that is opened. */
export class CallsView implements View {
  readonly element: HTMLElement;
  readonly #store = new CallStore();
  readonly #list: VirtualList<CallRow>;
  readonly #search: HTMLInputElement;
  readonly #count = el('p', { class: 'sipflow-quiet sipflow-count' });
  readonly #front: HTMLElement;
  #opened: CallView | undefined;

  constructor() {
    this.#search = el('input', {
      type: 'search',
      class: 'sipflow-search',
      placeholder: say('calls.search'),
      'aria-label': say('calls.search'),
      spellcheck: 'false',
      maxlength: 300,
      input: () => this.#draw(),
      keydown: (event) => this.#onSearchKey(event as KeyboardEvent),
    });
    this.#list = new VirtualList<CallRow>({
      label: say('calls.title'),
      idOf: ({ id }) => id,
      cells: (row) => this.#cells(row),
      spoken: (row) => this.#spoken(row),
      onOpen: ({ id }) => attempt(() => this.open(id)),
    });
    this.#front = el('div', { class: 'sipflow-front' }, this.#search, this.#count, this.#list.element);
    this.element = el('div', { class: 'sipflow-fill' }, this.#front);
  }

  async refresh(): Promise<void> {
    const { since } = this.#store;
    const [list] = await Promise.all([ask<CallList>(`calls?since=${since}`), this.#opened?.refresh()]);
    this.#store.take(list);
    this.#draw();
  }

  second(): void {
    if (this.#opened) this.#opened.second();
    else if (this.#store.hasLive) this.#list.refresh();
  }

  /** Forgets what was shown; the next refresh asks for everything. */
  clear(): void {
    this.#store.clear();
  }

  /** Opens a call by an id of ours or by its Call-ID, and puts it into the address. Rejects when it is not known. */
  async open(reference: string): Promise<void> {
    const view = await CallView.load(reference, () => this.close());
    this.#opened?.close();
    this.#opened = view;
    this.#front.hidden = true;
    this.element.append(view.element);
    history.replaceState(null, '', `#sipflow/call/${encodeURIComponent(view.id)}`);
    view.focus();
  }

  /** Back to the list. */
  close(): void {
    if (!this.#opened) return;
    this.#opened.close();
    this.#opened = undefined;
    this.#front.hidden = false;
    history.replaceState(null, '', `#flow/${RED.workspaces.active()}`);
    this.#draw();
    this.#list.focus();
  }

  #draw(): void {
    if (this.#opened) return;
    const rows = this.#store.list(this.#search.value);
    this.#list.show(rows);
    const { more } = this.#store;
    const text =
      more > 0
        ? say('calls.countMore', { count: rows.length, more })
        : say('calls.count', { count: rows.length });
    if (this.#count.textContent !== text) this.#count.textContent = text;
  }

  /** An id that was pasted opens its call. */
  #onSearchKey(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.#list.focus();
    }
    if (event.key !== 'Enter') return;
    const text = this.#search.value.trim();
    const [only, ...others] = this.#store.list(text);
    if (text !== '') attempt(() => this.open(only !== undefined && others.length === 0 ? only.id : text));
  }

  #cells(row: CallRow): (Node | string)[] {
    const duration = this.#duration(row);
    const facts = [sayOr(`callState.${row.state}`, row.state), duration, row.codec, mosText(row.mos)];
    const isRefused = row.answeredAt === null && (row.status ?? 0) >= 300;
    return [
      el(
        'div',
        { class: 'sipflow-line' },
        el('span', { class: `sipflow-dot ${kindOf(row)}`, 'aria-hidden': 'true' }),
        el('span', { class: 'sipflow-time' }, clockText(row.startedAt)),
        el('b', { class: 'sipflow-who' }, `${numberOf(row.from)} → ${numberOf(row.to)}`),
      ),
      el(
        'div',
        { class: 'sipflow-line sipflow-quiet' },
        el('span', { 'aria-hidden': 'true' }, row.direction === 'in' ? '↙' : '↗'),
        ` ${isRefused ? `${row.status} ${row.reason ?? ''}` : facts.filter(Boolean).join(' · ')}`,
        row.phone === '' ? '' : ` · ${row.phone}`,
      ),
    ];
  }

  #spoken(row: CallRow): string {
    const way = say(row.direction === 'in' ? 'call.incoming' : 'call.outgoing');
    const parts = [
      way,
      `${numberOf(row.from)} → ${numberOf(row.to)}`,
      sayOr(`callState.${row.state}`, row.state),
    ];
    if (row.status !== null && row.status >= 300) parts.push(`${row.status} ${row.reason ?? ''}`);
    return [...parts, clockText(row.startedAt), this.#duration(row), row.codec, mosText(row.mos), row.phone]
      .filter(Boolean)
      .join(', ');
  }

  #duration({ answeredAt, endedAt }: CallRow): string {
    if (answeredAt === null) return '';
    return spanText((endedAt ?? Date.now() + this.#store.ahead) - answeredAt);
  }
}

function mosText(mos: number | null): string {
  return mos === null ? '' : `MOS ${mos.toFixed(1)}`;
}

function kindOf({ state, answeredAt, status }: CallRow): string {
  if (state === 'answered') return 'passed';
  if (state !== 'ended') return 'waiting';
  return answeredAt === null && (status ?? 0) >= 300 ? 'failed' : 'over';
}
