import { UsageError } from '../arguments';
import type { ExitCode } from '../exit-codes';
import { missingCredential } from './credentials';
import { FlowRun, type FlowRunSetup } from './flow-run';
import { shardOf } from './plan';
import type { Results } from './results';
import { RuntimeFault } from './runtime';
import { SuiteOutcome, type OutcomeSetup, type Unit } from './suite-outcome';

/** What a suite is made of. */
export interface SuiteSetup extends FlowRunSetup, OutcomeSetup {}

/** Test cases of flow files: one Node-RED per file, one after the other, one case at a time. */
export class Suite {
  readonly #outcome: SuiteOutcome;

  constructor(private readonly setup: SuiteSetup) {
    this.#outcome = new SuiteOutcome(setup);
  }

  /** Names the cases and rows that a run would have. */
  async list(): Promise<ExitCode> {
    const units = await this.#units();
    const { shard } = this.setup.options;
    const mine = shard && shardOf(units, shard);
    for (const unit of units) {
      if (!mine || mine.has(unit.key)) this.#outcome.name(unit, unit.file);
    }
    return this.#outcome.listed();
  }

  /** Runs the cases and writes the results. */
  async run(results: Results): Promise<ExitCode> {
    const { options, files } = this.setup;
    // Which rows a table has only the runtime of its file knows: several files are opened once more for a shard.
    const planned =
      options.shard && files.length > 1 ? shardOf(await this.#units(), options.shard) : undefined;
    await this.#eachFile(
      (run) => this.#runFile(run, planned, results),
      () => this.#outcome.isOver(results),
    );
    return this.#outcome.finish(results);
  }

  async #runFile(run: FlowRun, planned: ReadonlySet<string> | undefined, results: Results): Promise<void> {
    const { options, terminal, env } = this.setup;
    const { list, problems } = this.#outcome;
    const { flow, credentials } = run.file;
    const { interrupted } = terminal;
    const units = this.#outcome.unitsOf(flow.name, run.cases);
    const mine = planned ?? (options.shard && shardOf(units, options.shard));
    const chosen = mine ? units.filter(({ key }) => mine.has(key)) : units;
    const cases = [...new Set(chosen.map(({ info }) => info))];
    const phones = cases.flatMap((info) => info.phones);
    const missing = missingCredential(flow, phones, credentials, env);
    if (missing) {
      problems.add(`${flow.name}: ${missing}`);
      return;
    }
    if (cases.length === 0) return;
    list.begin({ cases: cases.length, ...(options.shard && { shard: options.shard }) });
    for (const info of cases) {
      if (this.#outcome.isOver(results)) return;
      const rows = chosen.filter((unit) => unit.info === info).map(({ row }) => row);
      const problem = await run.runCase(info, rows, { options, results, list, interrupted });
      if (problem) problems.add(`${flow.name}: ${info.title}: ${problem}`);
    }
  }

  /** The selected cases and rows of all files. */
  async #units(): Promise<(Unit & { file: string })[]> {
    const found: (Unit & { file: string })[] = [];
    await this.#eachFile(async (run) => {
      const file = run.file.flow.name;
      found.push(...this.#outcome.unitsOf(file, run.cases).map((unit) => ({ ...unit, file })));
    });
    return found;
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
        this.#outcome.problems.add(`${file.flow.name}: ${error.message}`);
      }
    }
  }
}
