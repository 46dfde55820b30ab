import type { ListReporter, Verdict } from '../../lib/testing';
import type { CaseInfo, Event, ProcessShare } from '../runtime/protocol';
import type { Credentials } from './credentials';
import type { NodeRedFound } from './find-node-red';
import type { FlowFile } from './flow-file';
import type { Keep, TestArguments } from './options';
import type { Row } from './plan';
import { OpenRows } from './open-rows';
import type { Results } from './results';
import { Runtime, RuntimeFault } from './runtime';
import { makeUserDir, type UserDir } from './user-dir';

/** A flow file with the credentials of its nodes. */
export interface SuiteFile {
  readonly flow: FlowFile;
  readonly credentials: Credentials;
}

/** Everything that the process of a flow file needs beside the file. */
export interface FlowRunSetup {
  readonly nodeRed: NodeRedFound;
  /** Environment of the flows. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node-RED user directory with the nodes of other packages. */
  readonly userDir?: string | undefined;
  /** Base of the folders for recordings; absolute. */
  readonly outputFolder: string;
  /** Of which attempts the packets are captured; undefined when the phones decide. */
  readonly pcap?: Keep | undefined;
  /** Which of several processes that run flows at the same time it is; undefined when it is alone. */
  readonly share?: ProcessShare | undefined;
  /** Takes the lines that Node-RED and the flow print. */
  readonly log: (line: string) => void;
}

/** Those who take what happens while cases run, and the settings of the run. */
export interface CaseRunSetup {
  readonly options: Pick<TestArguments, 'retries' | 'timeout' | 'failFast' | 'record'>;
  readonly results: Pick<Results, 'attempt' | 'verdict'>;
  readonly list: Pick<ListReporter, 'started' | 'step' | 'ended'>;
  readonly interrupted: AbortSignal;
}

/** A flow file that runs in Node-RED, in a process that is replaced when it ends or hangs. */
export class FlowRun {
  #runtime: Runtime | undefined;
  #cases: readonly CaseInfo[] = [];

  private constructor(
    readonly file: SuiteFile,
    private readonly setup: FlowRunSetup,
    private readonly userDir: UserDir,
  ) {}

  /**
   * Starts Node-RED with the flows.
   *
   * @throws RuntimeFault, UsageError: why they cannot run
   */
  static async open(file: SuiteFile, setup: FlowRunSetup): Promise<FlowRun> {
    const run = new FlowRun(file, setup, makeUserDir(setup.userDir));
    try {
      await run.#start();
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** All test cases of the flows. */
  get cases(): readonly CaseInfo[] {
    return this.#cases;
  }

  /**
   * Runs rows of a case until each has its verdict. A row in which Node-RED ends or hangs has failed; the others go on in
   * a new process.
   *
   * @returns why the case could not be run
   */
  async runCase(info: CaseInfo, rows: readonly Row[], setup: CaseRunSetup): Promise<string | undefined> {
    const { retries, timeout, failFast, record } = setup.options;
    const open = new OpenRows(this.file.flow.name, info, rows);
    while (open.rows.length > 0 && !setup.interrupted.aborted) {
      try {
        this.#runtime ??= await this.#start();
        const options = { rows: open.rows, retries, timeout, failFast: failFast === true, record };
        const listener = (event: Event): void => this.#note(event, open, setup);
        return await this.#runtime.run(info, options, listener, setup.interrupted);
      } catch (error) {
        this.#runtime?.kill();
        this.#runtime = undefined;
        if (!(error instanceof RuntimeFault)) throw error;
        if (error.code === 'RUNTIME_REFUSED') return error.message;
        for (const verdict of open.breakOff(error)) this.#conclude(verdict, open, setup);
        if (failFast) return undefined;
      }
    }
    return undefined;
  }

  /** Ends the process and removes its user directory. */
  async close(): Promise<void> {
    await this.#runtime?.stop();
    this.userDir.remove();
  }

  async #start(): Promise<Runtime> {
    const { flow, credentials } = this.file;
    const { nodeRed, env, outputFolder, pcap, share, log } = this.setup;
    const { runtime, cases } = await Runtime.start({
      job: {
        nodeRed: nodeRed.folder,
        userDir: this.userDir.path,
        flows: flow.nodes,
        credentials,
        flowFolder: flow.folder,
        outputFolder,
        pcap,
        share,
      },
      env: { ...env },
      log,
    });
    this.#runtime = runtime;
    this.#cases = cases;
    return runtime;
  }

  #note(event: Event, open: OpenRows, { list, results }: CaseRunSetup): void {
    if (event.kind === 'started') {
      const { title, attempt, row } = event.test;
      open.began(row ?? null);
      const { file } = open;
      list.started({ key: keyOf(event.test), title, file, attempt, ...(row !== undefined && { row }) });
    } else if (event.kind === 'step') {
      list.step(keyOf(event.test), event.step);
    } else if (event.kind === 'attempt') {
      const { attempt } = event;
      results.attempt(open.attempt(attempt), attempt);
    } else if (event.kind === 'verdict') {
      const { verdict } = event;
      this.#conclude({ ...verdict, ...open.head(verdict.row ?? null) }, open, { list, results });
    }
  }

  #conclude(
    verdict: Verdict,
    open: OpenRows,
    { list, results }: Pick<CaseRunSetup, 'list' | 'results'>,
  ): void {
    open.ended(verdict.row ?? null);
    // What is said to have ended is kept, whatever becomes of the command then.
    void results.verdict(verdict).then((safe) => list.ended(keyOf(verdict), safe));
  }
}

function keyOf({ case: id, row }: { case: string; row?: number }): string {
  return `${id} ${row ?? ''}`;
}
