import { el } from '../../../lib/page';

/** Pixels of a row; its style has the same. */
const ROW_HEIGHT = 46;
/** Rows above and below what is seen. */
const SPARE = 4;

export interface ListOptions<Item> {
  /** Name for screen readers. */
  label: string;
  idOf: (item: Item) => string;
  /** What stands in a row. */
  cells: (item: Item) => (Node | string)[];
  /** What a screen reader says of a row; it has all that `cells` shows, so that equal ones need not be made again. */
  spoken: (item: Item) => string;
  onOpen: (item: Item) => void;
}

/**
 * A list of which only those rows exist that are seen, so that thousands of items cost as much as thirty. It has one stop
 * of the Tab key; arrows, Page, Home and End choose an item, Enter opens it.
 */
export class VirtualList<Item> {
  readonly element: HTMLElement;
  readonly #rows = el('div', { class: 'sipflow-rows', role: 'presentation' });
  #items: readonly Item[] = [];
  /** The rows that exist, by the id of their item. */
  #seen = new Map<string, HTMLElement>();
  /** Id of the item that is chosen. */
  #chosen: string | undefined;
  /** A frame of the screen is waited for. */
  #waits = false;

  constructor(private readonly options: ListOptions<Item>) {
    this.element = el(
      'div',
      {
        class: 'sipflow-list',
        role: 'listbox',
        tabindex: 0,
        'aria-label': options.label,
        scroll: () => this.#later(),
        keydown: (event) => this.#onKey(event as KeyboardEvent),
        focus: () => this.#draw(),
      },
      this.#rows,
    );
    new ResizeObserver(() => this.#later()).observe(this.element);
  }

  /** Shows these items; the rows keep their place on the screen when some come in above them. */
  show(items: readonly Item[]): void {
    const { element } = this;
    const top = Math.floor(element.scrollTop / ROW_HEIGHT);
    const anchor = top > 0 ? this.#items[top] : undefined;
    this.#items = items;
    this.#rows.style.height = `${items.length * ROW_HEIGHT}px`;
    if (anchor !== undefined) {
      const place = this.#placeOf(this.options.idOf(anchor));
      if (place >= 0) element.scrollTop += (place - top) * ROW_HEIGHT;
    }
    this.#draw();
  }

  /** Draws the rows anew, with the same items. */
  refresh(): void {
    this.#draw();
  }

  /** Back to the item that was opened. */
  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  #placeOf(id: string | undefined): number {
    return id === undefined ? -1 : this.#items.findIndex((item) => this.options.idOf(item) === id);
  }

  #later(): void {
    if (this.#waits) return;
    this.#waits = true;
    requestAnimationFrame(() => {
      this.#waits = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT) - SPARE);
    const last = Math.min(this.#items.length, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT) + SPARE);
    const seen = new Map<string, HTMLElement>();
    for (let place = first; place < last; place++) {
      const item = this.#items[place];
      if (item !== undefined) seen.set(this.options.idOf(item), this.#row(item, place));
    }
    for (const [id, row] of this.#seen) if (seen.get(id) !== row) row.remove();
    this.#seen = seen;
    const active = this.#rows.querySelector('[aria-selected=true]');
    if (active) this.element.setAttribute('aria-activedescendant', active.id);
    else this.element.removeAttribute('aria-activedescendant');
  }

  /**
   * The row of an item. One that is seen already stays, with new contents where they have changed: a row that is replaced
   * while the mouse is down on it would miss its click.
   */
  #row(item: Item, place: number): HTMLElement {
    const { idOf, cells, spoken, onOpen } = this.options;
    const id = idOf(item);
    let row = this.#seen.get(id);
    if (!row) {
      row = el('div', { class: 'sipflow-row', role: 'option' });
      row.addEventListener('click', () => {
        this.#chosen = id;
        const now = this.#items[this.#placeOf(id)];
        if (now !== undefined) onOpen(now);
      });
      this.#rows.append(row);
    }
    const name = spoken(item);
    if (row.getAttribute('aria-label') !== name) {
      row.setAttribute('aria-label', name);
      row.replaceChildren(...cells(item));
    }
    row.id = `sipflow-row-${place}`;
    row.style.top = `${place * ROW_HEIGHT}px`;
    row.setAttribute('aria-selected', String(id === this.#chosen));
    row.setAttribute('aria-setsize', String(this.#items.length));
    row.setAttribute('aria-posinset', String(place + 1));
    return row;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const place = this.#placeOf(this.#chosen);
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 1);
    const last = this.#items.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowUp: place < 0 ? 0 : place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: last,
    };
    if (event.key === 'Enter' || event.key === ' ') {
      const item = this.#items[place];
      event.preventDefault();
      if (item !== undefined) this.options.onOpen(item);
    } else if (Object.hasOwn(steps, event.key)) {
      event.preventDefault();
      this.#choose(Math.max(0, Math.min(last, steps[event.key])));
    }
  }

  #choose(place: number): void {
    const item = this.#items[place];
    if (item === undefined) return;
    this.#chosen = this.options.idOf(item);
    const { element } = this;
    const top = place * ROW_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_HEIGHT - element.clientHeight;
    this.#draw();
  }
}
