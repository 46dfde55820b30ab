import { escapeUnseen, ladderSvg, type Ladder, type LadderMessageRow } from '../evidence';
import { timeText } from './times';

/** Pixels beyond which a ladder only has emptier lanes. */
const WIDEST = 1_000;

/** What a ladder is drawn of, and with which texts. */
export interface LadderPicture {
  ladder: Ladder;
  /** Name of the picture. */
  title: string;
  /** Place of a row that is marked, and what is said of it. */
  marked?: { row: number; title: string } | undefined;
  /** A message was chosen, by mouse or keyboard. */
  onMessage: (row: LadderMessageRow) => void;
}

/**
 * Draws a ladder into `place`, as wide as that is, and again whenever its width changes. Returns a function that draws
 * another one instead; the row that has the focus keeps it.
 */
export function drawLadder(place: HTMLElement, first: LadderPicture): (next: LadderPicture) => void {
  let picture = first;
  let drawn = 0;
  const draw = (): void => {
    const width = Math.min(WIDEST, Math.floor(place.clientWidth));
    if (width === drawn || width === 0) return;
    drawn = width;
    const focused = rowWithin(place, document.activeElement);
    place.replaceChildren(pictureOf(picture, width));
    if (focused !== undefined) place.querySelector<SVGElement>(`g.row[data-row="${focused}"]`)?.focus();
  };
  new ResizeObserver(draw).observe(place);
  return (next) => {
    picture = next;
    drawn = 0;
    draw();
  };
}

function rowWithin(place: HTMLElement, element: Element | null): string | undefined {
  return element instanceof SVGElement && place.contains(element) ? element.dataset.row : undefined;
}

function pictureOf({ ladder, title, marked, onMessage }: LadderPicture, width: number): Element {
  // An SVG of our own making, in which every text is escaped; as XML it is whole or it is nothing.
  const text = ladderSvg(ladder, { width, theme: 'page', title });
  const drawing = document.importNode(
    new DOMParser().parseFromString(text, 'image/svg+xml').documentElement,
    true,
  );
  drawing.querySelectorAll<SVGElement>('g.row').forEach((group) => {
    const place = Number(group.dataset.row);
    const row = ladder.rows[place];
    if (place === marked?.row) markGroup(group, marked.title);
    if (row?.kind !== 'message') return;
    const name = `${timeText(row.atMs)} ${row.label}: ${ladder.lanes[row.from]?.name} → ${ladder.lanes[row.to]?.name}`;
    const choose = (): void => {
      drawing.querySelector('.chosen')?.classList.remove('chosen');
      group.classList.add('chosen');
      onMessage(row);
    };
    group.setAttribute('tabindex', '0');
    group.setAttribute('role', 'button');
    group.setAttribute('aria-label', escapeUnseen(name));
    group.addEventListener('click', choose);
    group.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose();
    });
  });
  return drawing;
}

function markGroup(group: SVGElement, text: string): void {
  group.classList.add('here');
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  title.textContent = text;
  group.prepend(title);
}

/** Time, direction and transport of a message, in a line. `copies` says how often it was sent. */
export function messageFacts(
  { lanes }: Ladder,
  row: LadderMessageRow,
  copies: (count: number) => string,
): string {
  return [
    timeText(row.atMs),
    `${lanes[row.from]?.name} → ${lanes[row.to]?.name}`,
    row.transport.toUpperCase(),
    ...(row.copies > 1 ? [copies(row.copies)] : []),
  ].join(' · ');
}
