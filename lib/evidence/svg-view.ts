import { escapeXml } from './escape';
import { arrowText, markSign, secondsText } from './row-text';
import { ladderStyle, type LadderTheme } from './svg-style';
import { fitText, textWidth, wrapText } from './text-width';
import type { Ladder, LadderLane, LadderRow } from './types';
import { LADDER_WORDS, type LadderLanguage } from './words';

export interface LadderSvgOptions {
  /** Pixels; 900 when absent, 200 at least. Below 480 the texts stand above the arrows, over the whole width. */
  width?: number;
  /**
   * `auto` (when absent) is a picture of its own, light or dark as its reader likes it; `page` has no background and
   * takes the text colour of the page around it; `light` and `dark` are only that.
   */
  theme?: LadderTheme;
  /** Name of the picture for screen readers and as a tooltip. */
  title?: string;
  language?: LadderLanguage;
}

const LEAST_WIDTH = 200;
/** A narrower picture has its times above the arrows, not beside them. */
const WIDE = 480;
const GUTTER = 124;
const MARGIN = 6;
/** Of the font of 12 px. */
const CHARACTER = 7.3;
const LINE = 15;
const HEAD = 7;
/** Characters of a name for which a lane must have room. */
const LEAST_NAME = 10;
/** A text that stands over other lanes may be this wide. */
const USUAL_TEXT = 300;

/** A ladder as an SVG: one text without references to anything, with texts that can be selected. */
export function ladderSvg(ladder: Ladder, options: LadderSvgOptions = {}): string {
  const width = Math.max(LEAST_WIDTH, Math.floor(options.width ?? 900));
  const picture = new Picture(ladder.lanes, width);
  picture.header();
  ladder.rows.forEach((row, index) => picture.row(row, index));
  if (ladder.rows.length === 0) picture.words(LADDER_WORDS[options.language ?? 'en'].empty);
  return picture.toSvg(options.theme ?? 'auto', options.title);
}

/** Grows downward, row by row. */
class Picture {
  readonly #parts: string[] = [];
  readonly #narrow: boolean;
  readonly #gutter: number;
  readonly #spacing: number;
  #y = MARGIN;
  #lanesFrom = 0;

  constructor(
    private readonly lanes: readonly LadderLane[],
    private readonly width: number,
  ) {
    this.#narrow = width < WIDE;
    this.#gutter = this.#narrow ? MARGIN : GUTTER;
    this.#spacing = (width - this.#gutter - MARGIN) / Math.max(1, lanes.length);
  }

  header(): void {
    const columns = Math.max(1, Math.floor((this.#spacing - MARGIN) / CHARACTER));
    if (columns < LEAST_NAME) this.#legend();
    const texts = this.lanes.map((lane, place) =>
      (columns < LEAST_NAME ? [String(place + 1)] : namesOf(lane)).flatMap((text, index) =>
        wrapText(text, columns, 2).map((line) => ({ line, kind: index === 0 ? 'name' : 'quiet' })),
      ),
    );
    texts.forEach((lines, lane) =>
      lines.forEach(({ line, kind }, index) =>
        this.#text(this.#x(lane), this.#y + LINE * (index + 0.8), line, kind, 'middle'),
      ),
    );
    this.#y += LINE * Math.max(0, ...texts.map(({ length }) => length)) + MARGIN;
    this.#lanesFrom = this.#y;
    this.#y += MARGIN;
  }

  /** The participants one below the other, for lanes that are too close for their names. */
  #legend(): void {
    const columns = Math.floor((this.width - 2 * MARGIN) / CHARACTER);
    this.lanes.forEach((lane, place) => {
      for (const line of wrapText(`${place + 1} ${namesOf(lane).join(' · ')}`, columns, 3)) {
        this.#y += LINE;
        this.#text(MARGIN, this.#y, line, '', 'start');
      }
    });
    this.#y += MARGIN;
  }

  row(row: LadderRow, index: number): void {
    const kind = row.kind === 'message' ? row.tone : row.kind === 'mark' ? (row.result ?? 'mark') : row.kind;
    this.#parts.push(`<g class="row ${kind}" data-row="${index}">`);
    const place = this.#parts.push('') - 1;
    const top = this.#y;
    this.#draw(row);
    // Something to point at, behind the texts.
    this.#parts[place] =
      `<rect x="0" y="${round(top)}" width="${this.width}" height="${round(this.#y - top)}" fill="none" pointer-events="all"/>`;
    this.#parts.push('</g>');
  }

  /** A line of words without a row. */
  words(text: string): void {
    this.#text(this.#gutter, this.#y + LINE, text, 'quiet', 'start');
    this.#y += 2 * LINE;
  }

  toSvg(theme: LadderTheme, title: string | undefined): string {
    const height = Math.ceil(this.#y + MARGIN);
    const lanes = this.lanes.map(
      (_, lane) =>
        `<line class="lane" x1="${round(this.#x(lane))}" x2="${round(this.#x(lane))}" y1="${this.#lanesFrom}" y2="${height - MARGIN}"/>`,
    );
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" class="sipflow-ladder" width="${this.width}" height="${height}" viewBox="0 0 ${this.width} ${height}">`,
      ...(title === undefined ? [] : [`<title>${escapeXml(title)}</title>`]),
      `<style>${ladderStyle(theme)}</style>`,
      ...(theme === 'page' ? [] : ['<rect class="paper" width="100%" height="100%"/>']),
      ...lanes,
      ...this.#parts,
      '</svg>\n',
    ].join('\n');
  }

  #draw(row: LadderRow): void {
    switch (row.kind) {
      case 'message':
        return this.#arrow(row, arrowText(row), row.detail, row.from === row.to ? 'self' : 'arrow');
      case 'media':
        return this.#arrow(row, '', row.text, row.from === row.to ? 'self' : 'bar');
      case 'mark': {
        const x = row.lane === undefined ? this.#gutter : this.#x(row.lane);
        this.#time(row);
        return this.#beside(x, markSign(row), row.text, row.result === 'failed' ? 'label' : '');
      }
      case 'gap':
        this.#y += LINE * 0.5;
        return this.words(`… ${row.text} …`);
    }
  }

  #arrow(
    row: Extract<LadderRow, { kind: 'message' | 'media' }>,
    label: string,
    detail: string,
    shape: 'arrow' | 'bar' | 'self',
  ): void {
    this.#time(row);
    if (shape === 'self')
      return this.#beside(this.#x(row.from), '↺', [label, detail].filter(Boolean).join(' · '));
    const [from, to] = [this.#x(row.from), this.#x(row.to)];
    const middle = (from + to) / 2;
    const room = this.#narrow
      ? this.width - 2 * MARGIN
      : Math.max(Math.abs(from - to) - 2 * MARGIN, Math.min(USUAL_TEXT, this.width - this.#gutter));
    const columns = Math.floor(room / CHARACTER);
    const together = [label, detail].filter(Boolean).join(' · ');
    const lines =
      textWidth(together) <= columns && label !== ''
        ? [together]
        : [...(label === '' ? [] : [fitText(label, columns)]), ...wrapText(detail, columns)];
    lines.forEach((line, index) => {
      const isLabel = index === 0 && label !== '';
      this.#y += LINE;
      this.#centred(middle, line, isLabel ? label.length : 0);
    });
    this.#y += 6;
    this.#line(from, to, shape);
    this.#y += LINE * 0.6;
  }

  /** A line with a head at its end, or at both. */
  #line(from: number, to: number, shape: 'arrow' | 'bar'): void {
    const sign = Math.sign(to - from);
    const y = round(this.#y);
    const head = (x: number, toward: number): string =>
      `<path class="arrow" d="M${round(x)} ${y}l${-toward * HEAD} -4v8z" stroke="none"/>`;
    const [start, end] = [shape === 'bar' ? from + sign * HEAD : from, to - sign * HEAD];
    this.#parts.push(
      `<line class="arrow${shape === 'bar' ? ' bar' : ''}" x1="${round(start)}" x2="${round(end)}" y1="${y}" y2="${y}"/>`,
      head(to, sign),
      ...(shape === 'bar' ? [head(from, -sign)] : []),
    );
  }

  /**
   * A sign on a lane with its words to the right, or to the left where there is more room; over the whole width where
   * neither side of a narrow picture has enough.
   */
  #beside(x: number, sign: string, text: string, kind = ''): void {
    const gap = 2 * CHARACTER;
    const right = this.width - MARGIN - x - gap;
    const left = x - this.#gutter - gap;
    const needed = textWidth(text) * CHARACTER;
    if (this.#narrow && needed > Math.max(right, left) && x !== MARGIN)
      return this.#beside(MARGIN, sign, text, kind);
    const toRight = needed <= right || right >= left;
    const lines = wrapText(text, Math.floor(Math.max(right, left) / CHARACTER));
    lines.forEach((line, index) => {
      this.#y += LINE;
      if (index === 0) this.#text(x, this.#y, sign, 'sign label', 'middle');
      this.#text(toRight ? x + gap : x - gap, this.#y, line, kind, toRight ? 'start' : 'end');
    });
    this.#y += 5;
  }

  #time({ atMs, deltaMs }: LadderRow): void {
    const y = this.#y + LINE;
    const delta = `+${secondsText(deltaMs)}`;
    if (this.#narrow) {
      this.#text(MARGIN, y, `${secondsText(atMs)} ${delta}`, 'quiet', 'start');
      this.#y += LINE;
      return;
    }
    this.#text(56, y, secondsText(atMs), '', 'end');
    this.#text(GUTTER - 10, y, delta, 'quiet', 'end');
  }

  /** A line around `middle`, as far as the picture lets it; its first characters may be the label. */
  #centred(middle: number, line: string, labelled: number): void {
    const half = (textWidth(line) * CHARACTER) / 2;
    const x = Math.max(this.#gutter + half, Math.min(middle, this.width - MARGIN - half));
    const label = line.slice(0, labelled);
    if (label === '') return this.#text(x, this.#y, line, '', 'middle');
    this.#parts.push(
      `<text x="${round(x)}" y="${round(this.#y)}" text-anchor="middle"><tspan class="label">${escapeXml(label)}</tspan>${escapeXml(line.slice(labelled))}</text>`,
    );
  }

  #text(x: number, y: number, text: string, kind: string, anchor: 'start' | 'middle' | 'end'): void {
    const kinds = kind === '' ? '' : ` class="${kind}"`;
    this.#parts.push(
      `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${kinds}>${escapeXml(text)}</text>`,
    );
  }

  #x(lane: number): number {
    return this.#gutter + (lane + 0.5) * this.#spacing;
  }
}

/** Name, address and software of a lane, each text once. */
function namesOf({ name, address, software = '' }: LadderLane): string[] {
  return [...new Set([name, address, software])].filter((text) => text !== '');
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
