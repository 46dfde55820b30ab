/** The part of a stream that lines are written to. */
export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** So that times go on. */
const REDRAW_MS = 1_000;
/** More lines would scroll, and could not be taken away again. */
const MOST_LINES = 10;

/** Lines at the end of a terminal that are drawn again as they change, below lines that stay. */
export class LiveLines {
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly out: Terminal,
    /** Without it there are only the lines that stay. */
    private readonly enabled: boolean,
    private readonly lines: () => string[],
  ) {}

  /** A line that stays, above the others. */
  print(line: string): void {
    this.out.write(`${this.#erased()}${line}\n${this.#picture()}`);
  }

  /** The lines are others now. */
  changed(): void {
    if (!this.enabled) return;
    this.#timer ??= setInterval(() => this.changed(), REDRAW_MS).unref();
    this.out.write(`${this.#erased()}${this.#picture()}`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    const erased = this.#erased();
    if (erased !== '') this.out.write(erased);
  }

  /** What takes the drawn lines away. */
  #erased(): string {
    const up = '\u001b[1A\u001b[2K'.repeat(this.#drawn);
    this.#drawn = 0;
    return up;
  }

  #picture(): string {
    if (!this.enabled) return '';
    const lines = this.lines().slice(0, MOST_LINES);
    this.#drawn = lines.length;
    return lines.map((line) => `${line}\n`).join('');
  }
}
