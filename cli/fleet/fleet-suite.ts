import { randomUUID } from 'node:crypto';
import { lostVerdict, withLostTries, type Verdict } from '../../lib/testing';
import { version } from '../../package.json';
import type { ExitCode } from '../exit-codes';
import { safeText } from '../safe-text';
import { missingCredential, type Environment } from '../test/credentials';
import { shardOf } from '../test/plan';
import { Results } from '../test/results';
import type { Secrets } from '../test/secrets';
import { SuiteOutcome, type OutcomeSetup } from '../test/suite-outcome';
import { takeFiles } from './carried-files';
import type { FleetRunHandle } from './fleet-run';
import { jobsOf, type OpenJob, type TestCoordinator, type TestListener } from './test-coordinator';
import { groupFiles, type FileGroup } from './test-groups';
import { fileKey, MOST_TRIES, type FleetUnit, type RunningUnit, type TestResult } from './test-job';
import type { TestStore } from './test-store';

/** What a suite on a fleet is made of. */
export interface FleetSuiteSetup extends OutcomeSetup {
  readonly env: Environment;
  readonly secrets: Secrets;
  /** Absolute. */
  readonly outputFolder: string;
  readonly store: TestStore;
  readonly coordinator: TestCoordinator;
  readonly handle: FleetRunHandle;
}

/** Test cases of flow files whose cases run on the workers of a fleet. */
export class FleetSuite implements TestListener {
  readonly #outcome: SuiteOutcome;
  readonly #groups: readonly FileGroup[];
  #units = new Map<string, FleetUnit>();
  #results: Results | undefined;
  /** Results that were there before it was known what runs, when a command goes on with a run. */
  #early: TestResult[] = [];
  readonly #told: TestResult[] = [];
  #ended = 0;
  #log: string[] = [];
  /** What the list shows of units that run. */
  readonly #shown = new Map<string, { attempt: number; step: string }>();

  constructor(readonly setup: FleetSuiteSetup) {
    const { files, env } = setup;
    this.#outcome = new SuiteOutcome(setup);
    this.#groups = groupFiles(
      files.map(({ flow }) => flow.nodes),
      env,
    );
  }

  /** A sentence for people. */
  note(sentence: string): void {
    this.setup.terminal.complain(`sipflow: ${safeText(sentence)}`);
  }

  /** Names the cases and rows that a run would have. */
  async list(): Promise<ExitCode> {
    for (const { file, ...unit } of await this.#plan()) this.#outcome.name(unit, this.#nameOf(file));
    return this.#outcome.listed();
  }

  /** Runs the cases and writes the results. */
  async run(): Promise<ExitCode> {
    const { coordinator, handle, options } = this.setup;
    const units = this.#withCredentials(await this.#plan());
    const results = await this.#open(units);
    const cases = new Set(units.map(({ file, info }) => JSON.stringify([file, info.id]))).size;
    if (cases > 0) {
      const { shard } = options;
      this.#outcome.list.begin({ cases, workers: handle.slots, ...(shard && { shard }) });
      this.#units = new Map(units.map((unit) => [unit.key, unit]));
      for (const result of this.#early) await this.result(result);
      await coordinator.run(this.#jobs(units), this);
    }
    return this.#outcome.finish(results);
  }

  /**
   * Ends a run that cannot go on; undefined when nothing had begun.
   *
   * @param sentence why; absent when it was interrupted
   */
  async breakOff(sentence?: string): Promise<ExitCode | undefined> {
    const results = this.#results;
    if (!results) return undefined;
    const open = this.#units.size - this.#ended;
    if (sentence !== undefined) {
      this.#outcome.problems.add(
        open > 0 ? `${sentence} ${open} of ${this.#units.size} have not run.` : sentence,
      );
    }
    return this.#outcome.finish(results);
  }

  async result(result: TestResult): Promise<void> {
    const { key, log, cases, problem, worker } = result;
    const unit = this.#units.get(key);
    if (!unit && this.#results === undefined && !key.startsWith('file ')) {
      this.#early.push(result);
      return;
    }
    this.#log.push(...log);
    this.#flushLog();
    if (unit) await this.#conclude(unit, result);
    else if (cases !== undefined || problem !== undefined) this.#told.push(result);
    if (problem === undefined) return;
    const file = unit?.file ?? this.setup.files.findIndex((_file, index) => fileKey(index) === key);
    const who = worker === '' ? '' : `worker ${worker}: `;
    this.#outcome.problems.add(`${this.#nameOf(file)}: ${who}${problem}`);
  }

  running(units: readonly RunningUnit[]): void {
    for (const { key, attempt, step } of units) {
      const unit = this.#units.get(key);
      if (!unit) continue;
      const shown = this.#shown.get(key);
      const { list } = this.#outcome;
      const { file, info, row } = unit;
      if (shown?.attempt !== attempt) {
        list.started({
          key,
          title: info.title,
          file: this.#nameOf(file),
          attempt,
          ...(row !== null && { row }),
        });
      }
      if (step) list.step(key, step);
      this.#shown.set(key, { attempt, step: step?.outcome ?? '' });
    }
  }

  isOver(): boolean {
    const results = this.#results;
    return results ? this.#outcome.isOver(results) : this.setup.terminal.interrupted.aborted;
  }

  /** The units of this run: asks the workers which cases the flows have. */
  async #plan(): Promise<FleetUnit[]> {
    const { coordinator, files, options } = this.setup;
    const jobs = this.#groups.map(({ files: members, isWhole, keepsPorts }, index): OpenJob => ({
      id: `list-${index + 1}`,
      job: { kind: 'list', files: members, isWhole, keepsPorts },
      keys: members.map(fileKey),
    }));
    await coordinator.run(jobs, this);
    const units = files.flatMap(({ flow }, file) => {
      const cases = this.#told.find(({ key }) => key === fileKey(file))?.cases ?? [];
      return this.#outcome.unitsOf(flow.name, cases).map((unit) => ({ ...unit, file }));
    });
    const mine = options.shard && shardOf(units, options.shard);
    return mine ? units.filter(({ key }) => mine.has(key)) : units;
  }

  /** Without the files whose phones cannot prove who they are. */
  #withCredentials(units: readonly FleetUnit[]): FleetUnit[] {
    const { files, env } = this.setup;
    const isMissing = files.map(({ flow, credentials }, file) => {
      const phones = units.filter((unit) => unit.file === file).flatMap(({ info }) => info.phones);
      const missing = missingCredential(flow, phones, credentials, env);
      if (missing) this.#outcome.problems.add(`${flow.name}: ${missing}`);
      return missing !== undefined;
    });
    return units.filter(({ file }) => !isMissing[file]);
  }

  async #open(units: readonly FleetUnit[]): Promise<Results> {
    const { options, secrets, handle } = this.setup;
    const states = handle.crew.members.map(({ state }) => state);
    const versions = {
      sipflow: version,
      'Node-RED': [...new Set(states.map(({ nodeRed }) => nodeRed))].join(', '),
      'Node.js': [...new Set(states.map(({ nodeVersion }) => nodeVersion))].join(', '),
    };
    const results = await Results.open(options.output, { versions, shard: options.shard }, secrets);
    results.expect(units.map(({ file, info }) => ({ file: this.#nameOf(file), case: info.id })));
    this.#results = results;
    this.#flushLog();
    return results;
  }

  #jobs(units: readonly FleetUnit[]): OpenJob[] {
    return this.#groups.flatMap((group) =>
      jobsOf(
        units.filter(({ file }) => group.files.includes(file)),
        group,
      ),
    );
  }

  async #conclude(unit: FleetUnit, result: TestResult): Promise<void> {
    this.#ended += 1;
    const verdict = await this.#verdictOf(unit, result);
    const results = this.#results;
    if (!verdict || !results) return;
    const head = { ...verdict, attempts: [] };
    for (const attempt of verdict.attempts) results.attempt(head, attempt);
    const safe = await results.verdict(verdict);
    this.#outcome.list.ended(unit.key, safe);
  }

  async #verdictOf({ file, info, row }: FleetUnit, result: TestResult): Promise<Verdict | undefined> {
    const { lost, verdict, files, problem } = result;
    const { outputFolder, store } = this.setup;
    if (verdict) return withLostTries(await takeFiles({ verdict, files }, outputFolder, store), lost);
    if (problem !== undefined || lost.length < MOST_TRIES) return undefined;
    const { id, title, tags } = info;
    const head = {
      format: 'sipflow-verdict/1' as const,
      id: randomUUID(),
      file: this.#nameOf(file),
      case: id,
      title,
      tags,
      ...(row !== null && { row }),
      startedAt: lost[0].startedAt,
    };
    return lostVerdict(head, lost);
  }

  #flushLog(): void {
    const results = this.#results;
    if (results) for (const line of this.#log.splice(0)) results.log(line);
  }

  #nameOf(file: number): string {
    return this.setup.files[file]?.flow.name ?? '';
  }
}
