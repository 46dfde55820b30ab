import { addedSamples, loadProgress, type LoadSample, type Stage } from '../../lib/load';
import { fitText } from '../../lib/evidence';
import type { Terminal } from '../command';

/** Where there is no terminal, a line comes once in so many seconds. */
const EVERY_SECONDS = 10;
const USUAL_COLUMNS = 100;

/** The course of a load on a terminal: one line that changes, or now and then a line for a log. */
export class LiveLoad {
  readonly #changes: boolean;
  /** Seconds that not every process has told of, by their time. */
  readonly #open = new Map<number, { sample: LoadSample; told: number }>();
  #isDrawn = false;

  /** @param processes number of those that tell */
  constructor(
    private readonly stages: Stage[],
    private readonly processes: number,
    private readonly terminal: Pick<Terminal, 'out' | 'env'>,
  ) {
    const { out, env } = terminal;
    this.#changes = out.isTTY === true && !env.CI && env.TERM !== 'dumb';
  }

  /** A process tells of a second. */
  sample(sample: LoadSample): void {
    const open = this.#open.get(sample.atMs);
    const second = open
      ? { sample: addedSamples(open.sample, sample), told: open.told + 1 }
      : { sample, told: 1 };
    this.#open.set(sample.atMs, second);
    // Of a process that is gone nothing comes any more.
    for (const [atMs, { told }] of this.#open) {
      const isOld = atMs < sample.atMs - 2000;
      if (atMs === sample.atMs ? told === this.processes : isOld) this.#show(atMs);
    }
  }

  /** The line that changes is gone. */
  close(): void {
    if (this.#isDrawn) this.terminal.out.write('\r\u001b[2K');
    this.#isDrawn = false;
  }

  #show(atMs: number): void {
    const second = this.#open.get(atMs);
    this.#open.delete(atMs);
    if (!second) return;
    const { out } = this.terminal;
    const line = loadProgress(second.sample, { stages: this.stages });
    if (this.#changes) {
      out.write(`\r\u001b[2K${fitText(line, (out.columns ?? USUAL_COLUMNS) - 1)}`);
      this.#isDrawn = true;
    } else if (Math.round(atMs / 1000) % EVERY_SECONDS === 0) {
      out.write(`${line}\n`);
    }
  }
}
