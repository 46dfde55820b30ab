import { shortTime } from '../../common';
import { escapeTerminal, fitText } from '../../evidence';
import type { Report, Step, Verdict } from '../types';
import { causeLines, earlierFailures, filesOf } from './cause-text';
import { LiveLines, type Terminal } from './live-lines';
import { firstCause, nodeName, summaryOf, titleOf, type ReportSummary } from './summary';

/** A test case that begins to run, or a row of it. */
export interface RunningCase {
  /** Tells it from the others that run. */
  key: string;
  title: string;
  file?: string;
  row?: number;
  /** Counted from 1. */
  attempt?: number;
}

/** What a run is going to do. */
export interface RunStart {
  cases: number;
  shard?: { index: number; of: number };
  /** Of a fleet, when they run it. */
  workers?: number;
}

export interface ListOptions {
  out: Terminal;
  /** `NO_COLOR`, `FORCE_COLOR`, `CI` and `TERM` are looked at. */
  env?: Record<string, string | undefined>;
  /** Milliseconds; the clock of the process when absent. */
  now?: () => number;
}

export interface ListEnd {
  /** Where the views of the report were written, by name. */
  files?: Readonly<Record<string, string>>;
  /** Path under which a reader finds a file of the report. */
  link?: (file: string) => string;
  /** The run was broken off. */
  interrupted?: boolean;
}

const SIGNS = { passed: '✓', failed: '✗', flaky: '±', skipped: '-' } as const;
const COLOURS = { passed: 32, failed: 31, flaky: 33, skipped: 36, quiet: 90, strong: 1 } as const;
const STATUSES = ['passed', 'failed', 'flaky', 'skipped'] as const;
/** Columns of a line of a file, that of nobody's terminal. */
const USUAL_COLUMNS = 100;

/**
 * Tells of a run in lines: one for each verdict, at the end each failure with what was wanted, what was got and where
 * the evidence lies. On a terminal there is a line for each test case that runs. Whatever the network said is made
 * harmless.
 */
export class ListReporter {
  readonly #live: LiveLines;
  readonly #running = new Map<string, { words: string; step: string; since: number }>();
  readonly #colours: boolean;
  readonly #now: () => number;

  constructor(private readonly options: ListOptions) {
    const { out, env = {}, now = () => performance.now() } = options;
    const isDumb = env.TERM === 'dumb';
    const isTerminal = out.isTTY === true && !isDumb;
    this.#now = now;
    this.#colours = env.NO_COLOR ? false : Boolean(env.FORCE_COLOR) || isTerminal;
    this.#live = new LiveLines(out, isTerminal && !env.CI, () => this.#liveLines());
  }

  /** What is going to run. */
  begin({ cases, shard, workers }: RunStart): void {
    const part = shard ? `, shard ${shard.index} of ${shard.of}` : '';
    const where = workers === undefined ? '' : ` on ${counted(workers, 'worker')}`;
    this.note(`Running ${counted(cases, 'test case')}${where}${part}`);
  }

  started(running: RunningCase): void {
    const retry = (running.attempt ?? 1) > 1 ? ` (attempt ${running.attempt})` : '';
    const words = `${nameOf({ ...running, case: running.title })}${retry}`;
    this.#running.set(running.key, { words, step: '', since: this.#now() });
    this.#live.changed();
  }

  /** The latest step of a test case that runs. */
  step(key: string, { node, outcome }: Pick<Step, 'node' | 'outcome'>): void {
    const running = this.#running.get(key);
    if (!running) return;
    running.step = `${nodeName(node)}: ${outcome}`;
    this.#live.changed();
  }

  /** A test case that runs no more. */
  ended(key: string, verdict: Verdict): void {
    this.#running.delete(key);
    const { status, durationMs, attempts } = verdict;
    const tries = attempts.length > 1 ? `, ${attempts.length} attempts` : '';
    const time = this.#in('quiet', `(${shortTime(durationMs)}${tries})`);
    const sign = this.#in(status, SIGNS[status]);
    // Of a passed one it is a warning; that of a flaky one stands at the end.
    const reason = status === 'flaky' ? undefined : (firstCause(verdict) ?? verdict.reason)?.message;
    const why = reason === undefined ? '' : this.#in('quiet', `: ${one(reason)}`);
    this.#live.print(`  ${sign} ${one(nameOf(verdict))}${why} ${time}`);
  }

  /** A line of its own. */
  note(text: string): void {
    this.#live.print(one(text));
  }

  /** The failures and the counts. */
  finish(report: Report, { files = {}, link = (file) => file, interrupted = false }: ListEnd = {}): void {
    this.#running.clear();
    const failed = report.verdicts.filter(({ status }) => status === 'failed');
    const flaky = report.verdicts.filter(({ status }) => status === 'flaky');
    const lines = [
      ...failed.flatMap((verdict, index) => this.#failure(verdict, index + 1, link)),
      ...flaky.flatMap((verdict) => this.#flake(verdict)),
      '',
      `  ${this.#counts(summaryOf(report.verdicts))} ${this.#in('quiet', `(${shortTime(report.durationMs)})`)}`,
      ...(interrupted ? [`  ${this.#in('failed', 'interrupted: these are the results so far')}`] : []),
      ...Object.entries(files).map(([name, file]) => `  ${this.#in('quiet', `${name}:`)} ${one(file)}`),
    ];
    for (const line of lines) this.#live.print(line);
    this.close();
  }

  /** Takes the live lines away. */
  close(): void {
    this.#running.clear();
    this.#live.close();
  }

  #failure(verdict: Verdict, number: number, link: (file: string) => string): string[] {
    const [why = 'The report gives no reason.', ...details] = causeLinesOf(verdict);
    const evidence = verdict.attempts.flatMap(filesOf).map(({ file }) => link(file));
    return [
      '',
      `  ${this.#in('failed', `${number})`)} ${this.#in('strong', one(nameOf(verdict)))}`,
      ...block(why).map((line) => `     ${this.#in('failed', line)}`),
      ...details.flatMap((detail) => block(detail).map((line) => `       ${line}`)),
      ...evidence.map((file) => `       ${this.#in('quiet', 'evidence:')} ${one(file)}`),
    ];
  }

  #flake(verdict: Verdict): string[] {
    const earlier = earlierFailures(verdict).map(
      ({ attempt, cause }) => `     attempt ${attempt.test.attempt}: ${one(cause.message)}`,
    );
    return ['', `  ${this.#in('flaky', SIGNS.flaky)} ${one(nameOf(verdict))} is flaky`, ...earlier];
  }

  #counts(summary: ReportSummary): string {
    const known = STATUSES.filter((status) => summary[status] > 0);
    if (known.length === 0) return 'no tests';
    return known.map((status) => this.#in(status, `${summary[status]} ${status}`)).join(', ');
  }

  #liveLines(): string[] {
    const columns = this.options.out.columns ?? USUAL_COLUMNS;
    return [...this.#running.values()].map(({ words, step, since }) => {
      const time = shortTime(this.#now() - since);
      const line = `  · ${one(words)} ${time}${step === '' ? '' : `  ${one(step)}`}`;
      return fitText(line, Math.max(1, columns - 1));
    });
  }

  #in(colour: keyof typeof COLOURS, text: string): string {
    return this.#colours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  }
}

/** `1 worker`, `2 workers` */
function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function nameOf(verdict: Pick<Verdict, 'title' | 'case' | 'row' | 'file'>): string {
  return verdict.file ? `${verdict.file} › ${titleOf(verdict)}` : titleOf(verdict);
}

function causeLinesOf(verdict: Verdict): string[] {
  const cause = firstCause(verdict);
  if (cause) return causeLines(cause);
  return verdict.reason ? [verdict.reason.message] : [];
}

/** A text in one harmless line. */
function one(text: string): string {
  return escapeTerminal(text.replace(/\s+/g, ' ').trim());
}

/** A text in its lines, each harmless. */
function block(text: string): string[] {
  return text.split(/\r\n|\n|\r/).map(escapeTerminal);
}
