import { relative } from 'node:path';
import { ListReporter } from '../../lib/testing';
import { UsageError } from '../arguments';
import type { Terminal } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import type { CaseInfo } from '../runtime/protocol';
import { safeText } from '../safe-text';
import { missingCredential } from './credentials';
import { FlowRun, type FlowRunSetup, type SuiteFile } from './flow-run';
import type { TestArguments } from './options';
import { isSelected, shardOf, unitOf, type Row, type Selection } from './plan';
import type { Results } from './results';
import { RuntimeFault } from './runtime';

/** What a suite is made of. */
export interface SuiteSetup extends FlowRunSetup {
  readonly files: readonly SuiteFile[];
  readonly options: TestArguments;
  /** Takes secrets out of a sentence. */
  readonly masked: (text: string) => string;
  readonly terminal: Terminal;
}

/** A case and a row of it. */
interface Unit {
  readonly key: string;
  readonly info: CaseInfo;
  readonly row: Row;
}

/** Test cases of flow files: one Node-RED per file, one after the other, one case at a time. */
export class Suite {
  readonly #list: ListReporter;
  readonly #selection: Selection;
  /** Sentences about what could not be run. */
  readonly #problems = new Set<string>();
  /** Whether any case was selected, also one that another shard runs. */
  #foundCases = false;

  constructor(private readonly setup: SuiteSetup) {
    const { options, terminal } = setup;
    this.#selection = { ...(options.case && { title: options.case }), tags: options.tag ?? [] };
    const isShown = options.reporter.some(({ name }) => name === 'list');
    const out = isShown ? terminal.out : { write: () => undefined };
    this.#list = new ListReporter({ out, env: terminal.env });
  }

  /** Names the cases and rows that a run would have. */
  async list(): Promise<ExitCode> {
    const units = await this.#units();
    const { shard } = this.setup.options;
    const mine = shard && shardOf(units, shard);
    for (const { key, info, row, file } of units) {
      if (mine && !mine.has(key)) continue;
      const words = `${file} › ${info.title}${row === null ? '' : ` [row ${row}]`}`;
      this.setup.terminal.print(safeText(words));
    }
    this.#noteEmptySuite();
    return this.#complain() ? EXIT.couldNotRun : EXIT.passed;
  }

  /** Runs the cases and writes the results. */
  async run(results: Results): Promise<ExitCode> {
    const { options, terminal, files } = this.setup;
    // Which rows a table has only the runtime of its file knows: several files are opened once more for a shard.
    const planned =
      options.shard && files.length > 1 ? shardOf(await this.#units(), options.shard) : undefined;
    await this.#eachFile(
      (run) => this.#runFile(run, planned, results),
      () => this.#isOver(results),
    );
    this.#noteEmptySuite();
    const written = await results.finish(options.reporter);
    if (results.verdicts.length > 0 || this.#problems.size === 0) this.#summarise(results, written);
    if (results.fault) this.#problems.add(results.fault.message);
    const hasProblems = this.#complain();
    if (terminal.interrupted.aborted) return EXIT.interrupted;
    if (hasProblems) return EXIT.couldNotRun;
    const hasFailed = results.has('failed') || (options.failOnFlaky === true && results.has('flaky'));
    return hasFailed ? EXIT.failed : EXIT.passed;
  }

  #summarise(results: Results, written: Readonly<Record<string, string>>): void {
    const fromHere = (path: string): string => relative(process.cwd(), path);
    this.#list.finish(results.report(), {
      files: Object.fromEntries(Object.entries(written).map(([name, path]) => [name, fromHere(path)])),
      link: fromHere,
      interrupted: this.setup.terminal.interrupted.aborted,
    });
  }

  async #runFile(run: FlowRun, planned: ReadonlySet<string> | undefined, results: Results): Promise<void> {
    const { options, terminal, env } = this.setup;
    const { flow, credentials } = run.file;
    const { interrupted } = terminal;
    const units = this.#unitsOf(run);
    const mine = planned ?? (options.shard && shardOf(units, options.shard));
    const chosen = mine ? units.filter(({ key }) => mine.has(key)) : units;
    const cases = [...new Set(chosen.map(({ info }) => info))];
    const phones = cases.flatMap((info) => info.phones);
    const missing = missingCredential(flow, phones, credentials, env);
    if (missing) {
      this.#problems.add(`${flow.name}: ${missing}`);
      return;
    }
    if (cases.length === 0) return;
    this.#list.begin({ cases: cases.length, ...(options.shard && { shard: options.shard }) });
    for (const info of cases) {
      if (this.#isOver(results)) return;
      const rows = chosen.filter((unit) => unit.info === info).map(({ row }) => row);
      const problem = await run.runCase(info, rows, { options, results, list: this.#list, interrupted });
      if (problem) this.#problems.add(`${flow.name}: ${info.title}: ${problem}`);
    }
  }

  /** The selected cases and rows of all files. */
  async #units(): Promise<(Unit & { file: string })[]> {
    const found: (Unit & { file: string })[] = [];
    await this.#eachFile(async (run) => {
      const file = run.file.flow.name;
      found.push(...this.#unitsOf(run).map((unit) => ({ ...unit, file })));
    });
    return found;
  }

  #unitsOf(run: FlowRun): Unit[] {
    const cases = run.cases.filter((info) => isSelected(info, this.#selection));
    if (cases.length > 0) this.#foundCases = true;
    return cases.flatMap((info) =>
      info.rows.map((row) => ({ key: unitOf(run.file.flow.name, info, row), info, row })),
    );
  }

  /** Opens each file and closes it again; what keeps one from running is noted, and the next one is opened. */
  async #eachFile(
    use: (run: FlowRun) => Promise<void>,
    isOver = (): boolean => this.setup.terminal.interrupted.aborted,
  ): Promise<void> {
    for (const file of this.setup.files) {
      if (isOver()) return;
      try {
        const run = await FlowRun.open(file, this.setup);
        try {
          await use(run);
        } finally {
          await run.close();
        }
      } catch (error) {
        if (!(error instanceof RuntimeFault) && !(error instanceof UsageError)) throw error;
        this.#problems.add(`${file.flow.name}: ${error.message}`);
      }
    }
  }

  /** Whether nothing further begins. */
  #isOver(results: Results): boolean {
    const { terminal, options } = this.setup;
    return terminal.interrupted.aborted || (options.failFast === true && results.has('failed'));
  }

  /** A run without any case is a mistake; one whose shard is empty is not. */
  #noteEmptySuite(): void {
    const { files, options, terminal } = this.setup;
    if (this.#foundCases || this.#problems.size > 0 || terminal.interrupted.aborted) return;
    const names = files.map(({ flow }) => flow.name).join(', ');
    const isSelective = options.case !== undefined || options.tag !== undefined;
    this.#problems.add(
      isSelective
        ? `No test case of ${names} is selected by --case and --tag; --list without them names all.`
        : `There is no test case in ${names}: a flow with the node "test case" at its begin and "test end" at its end.`,
    );
  }

  /** Says what could not be run; whether there was something. */
  #complain(): boolean {
    const { terminal, masked } = this.setup;
    for (const problem of this.#problems) terminal.complain(`sipflow: ${safeText(masked(problem))}`);
    return this.#problems.size > 0;
  }
}
