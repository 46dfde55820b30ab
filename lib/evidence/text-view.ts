import { escapeTerminal } from './escape';
import { arrowText, markSign, secondsText } from './row-text';
import { characterWidth, fitText, textWidth, wrapText } from './text-width';
import type { Ladder, LadderLane, LadderRow } from './types';
import { LADDER_WORDS, type LadderLanguage } from './words';

export interface LadderTextOptions {
  /** Width in columns; 100 when absent, 32 at least. */
  columns?: number;
  language?: LadderLanguage;
}

const LEAST_COLUMNS = 32;
/** Two lanes that are closer leave no room for the text of an arrow. */
const LEAST_SPACING = 16;
/** Seconds since the start, and since the row before. */
const BOTH_TIMES = 18;
const ONE_TIME = 9;
/** A picture that is narrower has one time only. */
const WIDE = 72;

/** A ladder for terminals, logs and mails, drawn with the line characters of Unicode; a list where it is too narrow. */
export function ladderText(ladder: Ladder, options: LadderTextOptions = {}): string {
  const columns = Math.max(LEAST_COLUMNS, Math.floor(options.columns ?? 100));
  if (ladder.rows.length === 0) return `${LADDER_WORDS[options.language ?? 'en'].empty}\n`;
  const gutter = columns >= WIDE ? BOTH_TIMES : ONE_TIME;
  const spacing = Math.floor((columns - gutter) / Math.max(1, ladder.lanes.length));
  const lines =
    spacing < LEAST_SPACING
      ? listLines(ladder, columns)
      : new Drawing(ladder.lanes, columns, gutter, spacing).lines(ladder.rows);
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** One line of cells; a wide character takes two of them. */
class Line {
  readonly #cells: string[];

  constructor(columns: number) {
    this.#cells = Array.from({ length: columns }, () => ' ');
  }

  write(column: number, text: string): this {
    let place = column;
    for (const character of text) {
      const width = characterWidth(character);
      if (width === 0) {
        if (place > column) this.#cells[place - 1] += character;
        continue;
      }
      if (place + width > this.#cells.length) break;
      this.#cells[place] = character;
      if (width === 2) this.#cells[place + 1] = '';
      place += width;
    }
    return this;
  }

  toString(): string {
    return this.#cells.join('');
  }
}

class Drawing {
  constructor(
    private readonly lanes: readonly LadderLane[],
    private readonly columns: number,
    private readonly gutter: number,
    private readonly spacing: number,
  ) {}

  lines(rows: readonly LadderRow[]): string[] {
    return [...this.#header(), ...rows.flatMap((row) => this.#row(row).map(String))];
  }

  #header(): string[] {
    const texts = this.lanes.map(({ name, address, software }) =>
      [...new Set([name, address, software ?? ''])].filter((text) => text !== '').map(escapeTerminal),
    );
    const height = Math.max(...texts.map(({ length }) => length));
    const lines = Array.from({ length: height }, () => new Line(this.columns));
    texts.forEach((parts, lane) =>
      parts.forEach((part, index) => {
        const text = fitText(part, this.spacing - 2);
        lines[index].write(this.#centred(this.#column(lane), textWidth(text)), text);
      }),
    );
    return [...lines, this.#empty()].map(String);
  }

  #row(row: LadderRow): Line[] {
    const lines = this.#drawn(row);
    if (row.kind !== 'gap') lines[0].write(0, timeText(row, this.gutter === BOTH_TIMES));
    return lines;
  }

  #drawn(row: LadderRow): Line[] {
    switch (row.kind) {
      case 'message':
        return this.#arrow(row.from, row.to, escapeTerminal(arrowText(row)), escapeTerminal(row.detail), [
          '─',
          row.from,
        ]);
      case 'media':
        return this.#arrow(row.from, row.to, '', escapeTerminal(row.text), ['═', undefined]);
      case 'mark':
        return this.#mark(row.lane, `${markSign(row)} ${escapeTerminal(row.text)}`);
      case 'gap':
        return [this.#empty('┊').write(this.gutter, `… ${escapeTerminal(row.text)} …`)];
    }
  }

  /** @param from where it begins; an arrow that begins nowhere has two heads */
  #arrow(
    a: number,
    b: number,
    label: string,
    detail: string,
    [stroke, from]: [stroke: string, from: number | undefined],
  ): Line[] {
    if (a === b) return this.#mark(a, `↺ ${[label, detail].filter((text) => text !== '').join(' · ')}`);
    const [left, right] = [this.#column(Math.min(a, b)), this.#column(Math.max(a, b))];
    const room = right - left - 1;
    const whole = [label, detail].filter((text) => text !== '').join(' · ');
    const inside = [whole, label].find((text) => textWidth(text) <= room - 4) ?? '';
    const line = this.#empty().write(left + 1, stroke.repeat(room));
    if (from !== Math.min(a, b)) line.write(left + 1, '◀');
    if (from !== Math.max(a, b)) line.write(right - 1, '▶');
    if (inside !== '') {
      line.write(left + 1 + Math.floor((room - textWidth(inside) - 2) / 2), ` ${inside} `);
    }
    if (inside === whole) return [line];
    return [line, ...this.#note(left + 2, room - 2, inside === '' ? whole : detail)];
  }

  #mark(lane: number | undefined, text: string): Line[] {
    const column = lane === undefined ? this.gutter : this.#column(lane);
    return this.#note(column, this.columns - column, text);
  }

  /** Text of several lines beside a lane; where there is no room for it, it begins further to the left. */
  #note(column: number, room: number, text: string): Line[] {
    const width = Math.max(room, Math.min(textWidth(text), 28));
    const start = Math.max(this.gutter, Math.min(column, this.columns - width));
    return wrapText(text, Math.min(width, this.columns - start)).map((part) =>
      this.#empty().write(start, part),
    );
  }

  #empty(stroke = '│'): Line {
    const line = new Line(this.columns);
    this.lanes.forEach((_, lane) => line.write(this.#column(lane), stroke));
    return line;
  }

  #column(lane: number): number {
    return this.gutter + lane * this.spacing + Math.floor(this.spacing / 2);
  }

  #centred(column: number, width: number): number {
    return Math.max(this.gutter, column - Math.floor(width / 2));
  }
}

function timeText({ atMs, deltaMs }: LadderRow, both: boolean): string {
  const time = secondsText(atMs).padStart(ONE_TIME - 1);
  return both ? `${time}${`+${secondsText(deltaMs)}`.padStart(ONE_TIME - 1)}` : time;
}

/** The same without lanes: sender and receiver, and below them the text of the row. */
function listLines({ lanes, rows }: Ladder, columns: number): string[] {
  const name = (lane: number): string => escapeTerminal(lanes[lane].name);
  return rows.flatMap((row) => {
    const texts = ((): string[] => {
      switch (row.kind) {
        case 'message':
          return [
            `${name(row.from)} → ${name(row.to)}`,
            escapeTerminal(arrowText(row)),
            escapeTerminal(row.detail),
          ];
        case 'media':
          return [`${name(row.from)} ⇄ ${name(row.to)}`, escapeTerminal(row.text)];
        case 'mark':
          return [
            ...(row.lane === undefined ? [] : [name(row.lane)]),
            `${markSign(row)} ${escapeTerminal(row.text)}`,
          ];
        case 'gap':
          return [`… ${escapeTerminal(row.text)} …`];
      }
    })();
    const [first, ...more] = texts.filter((text) => text !== '');
    return [
      `${timeText(row, false)} ${fitText(first, columns - ONE_TIME)}`,
      ...more
        .flatMap((text) => wrapText(text, columns - ONE_TIME - 2))
        .map((text) => `${' '.repeat(ONE_TIME + 2)}${text}`),
    ];
  });
}
