import { join } from 'node:path';
import type { Verdict } from '../../lib/testing';
import { UsageError } from '../arguments';
import type { CaseInfo, ProcessShare } from '../runtime/protocol';
import { FlowRun, type CaseRunSetup, type FlowRunSetup, type SuiteFile } from '../test/flow-run';
import { RuntimeFault } from '../test/runtime';
import type { FleetTests, FleetUnit, RunningUnit } from './test-job';

/** What a worker runs tests with. */
export interface UnitSetup {
  readonly tests: FleetTests;
  /** A flow file of the run, written to this machine, and what its process needs. */
  readonly open: (file: number) => Promise<{ file: SuiteFile; setup: Omit<FlowRunSetup, 'share' | 'log'> }>;
  /** Of the phones of flows whose ports do not matter, and of those that have to have theirs. */
  readonly shares: { readonly any: ProcessShare; readonly own: ProcessShare };
}

/** What came of a unit. */
export interface UnitOutcome {
  readonly verdict?: Verdict;
  /** Why the case could not be run. */
  readonly problem?: string;
  /** Why this machine cannot run the flows, others may. */
  readonly refusal?: string;
}

/** Lines of Node-RED that are kept until they are told. */
const MOST_LINES = 5000;

/** Runs units one after the other, with one Node-RED that has the flows of the latest one. */
export class UnitRunner {
  /** What runs now. */
  running: RunningUnit | undefined;
  #run: FlowRun | undefined;
  #file: number | undefined;
  #lines: string[] = [];

  constructor(private readonly setup: UnitSetup) {}

  /** What Node-RED has printed since the last time. */
  takeLog(): string[] {
    return this.#lines.splice(0);
  }

  /** The test cases of a file. @throws RuntimeFault, UsageError: why its flows cannot run here */
  async cases(file: number, keepsPorts: boolean): Promise<readonly CaseInfo[]> {
    return (await this.#open(file, keepsPorts)).cases;
  }

  /**
   * Runs a unit; ends its calls at the signal.
   *
   * @param before attempts before this try
   */
  async run(
    unit: FleetUnit,
    { keepsPorts, before }: { keepsPorts: boolean; before: number },
    signal: AbortSignal,
  ): Promise<UnitOutcome> {
    const { key, info, row } = unit;
    let verdict: Verdict | undefined;
    const setup: CaseRunSetup = {
      options: this.setup.tests,
      interrupted: signal,
      results: {
        attempt: () => undefined,
        verdict: (told) => Promise.resolve((verdict = told)),
      },
      list: {
        started: ({ attempt = 1 }) => {
          this.running = { key, startedAt: new Date().toISOString(), attempt: attempt + before };
        },
        step: (_key, step) => {
          if (this.running) this.running.step = step;
        },
        ended: () => undefined,
      },
    };
    try {
      const run = await this.#open(unit.file, keepsPorts).catch(sentenceOf);
      if (typeof run === 'string') return { refusal: run };
      const known = run.cases.find(({ id }) => id === info.id);
      if (!known) return { problem: 'The flow of this worker has no such test case.' };
      const problem = await run.runCase(known, [row], setup);
      return { ...(verdict && { verdict }), ...(problem !== undefined && { problem }) };
    } finally {
      this.running = undefined;
      // What was stopped begins nothing more.
      if (signal.aborted) await this.close();
    }
  }

  /** Ends Node-RED. */
  async close(): Promise<void> {
    const run = this.#run;
    this.#run = this.#file = undefined;
    await run?.close();
  }

  async #open(file: number, keepsPorts: boolean): Promise<FlowRun> {
    if (this.#run && this.#file === file) return this.#run;
    await this.close();
    const { shares, open } = this.setup;
    const { file: suiteFile, setup } = await open(file);
    this.#run = await FlowRun.open(suiteFile, {
      ...setup,
      share: keepsPorts ? shares.own : shares.any,
      log: (line) => {
        if (this.#lines.length < MOST_LINES) this.#lines.push(line);
      },
    });
    this.#file = file;
    return this.#run;
  }
}

/** Why flows cannot run. @throws the error when it is another one */
export function sentenceOf(error: unknown): string {
  if (error instanceof RuntimeFault || error instanceof UsageError) return error.message;
  throw error;
}

/** The folder of a flow file of a run below that of the run. */
export function fileFolder(folder: string, file: number): string {
  return join(folder, `flow-${file + 1}`);
}
