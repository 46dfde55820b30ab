import { relative } from 'node:path';
import { ListReporter } from '../../lib/testing';
import type { Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import type { CaseInfo } from '../runtime/protocol';
import { safeText } from '../safe-text';
import type { SuiteFile } from './flow-run';
import type { TestArguments } from './options';
import { isSelected, unitOf, type Row, type Selection } from './plan';
import type { Results } from './results';

/** What every run of a suite has, wherever its cases run. */
export interface OutcomeSetup {
  readonly files: readonly SuiteFile[];
  readonly options: TestArguments;
  /** Takes secrets out of a sentence. */
  readonly masked: (text: string) => string;
  readonly terminal: Terminal;
}

/** A case and a row of it. */
export interface Unit {
  readonly key: string;
  readonly info: CaseInfo;
  readonly row: Row;
}

/** What comes of a suite: the list on the terminal, what could not be run, and the exit code. */
export class SuiteOutcome {
  readonly list: ListReporter;
  /** Sentences about what could not be run. */
  readonly problems = new Set<string>();
  readonly #selection: Selection;
  /** Whether any case was selected, also one that another shard runs. */
  #foundCases = false;

  constructor(private readonly setup: OutcomeSetup) {
    const { options, terminal } = setup;
    this.#selection = { ...(options.case && { title: options.case }), tags: options.tag ?? [] };
    const isShown = options.reporter.some(({ name }) => name === 'list');
    const out = isShown ? terminal.out : { write: () => undefined };
    this.list = new ListReporter({ out, env: terminal.env });
  }

  /** The rows of the selected cases of a flow file. */
  unitsOf(file: string, all: readonly CaseInfo[]): Unit[] {
    const cases = all.filter((info) => isSelected(info, this.#selection));
    if (cases.length > 0) this.#foundCases = true;
    return cases.flatMap((info) => info.rows.map((row) => ({ key: unitOf(file, info, row), info, row })));
  }

  /** Names units of a file as `--list` does. */
  name({ info, row }: Unit, file: string): void {
    const words = `${file} › ${info.title}${row === null ? '' : ` [row ${row}]`}`;
    this.setup.terminal.print(safeText(words));
  }

  /** The end of `--list`. */
  listed(): ExitCode {
    this.#noteEmptySuite();
    return this.#complain() ? EXIT.couldNotRun : EXIT.passed;
  }

  /** Whether nothing further begins. */
  isOver(results: Results): boolean {
    const { terminal, options } = this.setup;
    return terminal.interrupted.aborted || (options.failFast === true && results.has('failed'));
  }

  /** Writes the results, tells what came of the run, and returns the exit code. */
  async finish(results: Results): Promise<ExitCode> {
    const { options, terminal } = this.setup;
    this.#noteEmptySuite();
    const written = await results.finish(options.reporter);
    if (results.verdicts.length > 0 || this.problems.size === 0) this.#summarise(results, written);
    if (results.fault) this.problems.add(results.fault.message);
    const hasProblems = this.#complain();
    if (terminal.interrupted.aborted) return EXIT.interrupted;
    if (hasProblems) return EXIT.couldNotRun;
    const hasFailed = results.has('failed') || (options.failOnFlaky === true && results.has('flaky'));
    return hasFailed ? EXIT.failed : EXIT.passed;
  }

  #summarise(results: Results, written: Readonly<Record<string, string>>): void {
    const fromHere = (path: string): string => relative(process.cwd(), path);
    this.list.finish(results.report(), {
      files: Object.fromEntries(Object.entries(written).map(([name, path]) => [name, fromHere(path)])),
      link: fromHere,
      interrupted: this.setup.terminal.interrupted.aborted,
    });
  }

  /** A run without any case is a mistake; one whose shard is empty is not. */
  #noteEmptySuite(): void {
    const { files, options, terminal } = this.setup;
    if (this.#foundCases || this.problems.size > 0 || terminal.interrupted.aborted) return;
    const names = files.map(({ flow }) => flow.name).join(', ');
    const isSelective = options.case !== undefined || options.tag !== undefined;
    this.problems.add(
      isSelective
        ? `No test case of ${names} is selected by --case and --tag; --list without them names all.`
        : `There is no test case in ${names}: a flow with the node "test case" at its begin and "test end" at its end.`,
    );
  }

  /** Says what could not be run; whether there was something. */
  #complain(): boolean {
    const { terminal, masked } = this.setup;
    for (const problem of this.problems) terminal.complain(`sipflow: ${safeText(masked(problem))}`);
    return this.problems.size > 0;
  }
}
