import { lostReport, mergeLoadReports, startsOfShard, type LoadReport } from '../../lib/load';
import { UsageError } from '../arguments';
import type { Terminal } from '../command';
import type { CaseInfo, LoadJob, ProcessShare } from '../runtime/protocol';
import type { FlowRunSetup, SuiteFile } from '../test/flow-run';
import { RuntimeFault } from '../test/runtime';
import { LoadProcess, type LoadListener } from './load-process';

/** Time for every process to hear when the load begins, milliseconds. */
const LEAD_MS = 300;
/** From Ctrl-C to the last report. */
const INTERRUPT_MS = 15_000;

/** The processes that share a load. */
export class Fleet {
  private constructor(
    private readonly processes: readonly LoadProcess[],
    private readonly terminal: Pick<Terminal, 'interrupted' | 'insisted'>,
  ) {
    terminal.insisted.addEventListener('abort', () => this.#kill(), { once: true });
  }

  /**
   * Starts Node-RED with the flows in each of the processes.
   *
   * @throws RuntimeFault, UsageError: why they cannot run
   */
  static async open(
    file: SuiteFile,
    setup: FlowRunSetup,
    shares: readonly ProcessShare[],
    terminal: Pick<Terminal, 'interrupted' | 'insisted'>,
  ): Promise<Fleet> {
    const opened = await Promise.allSettled(shares.map((share) => LoadProcess.open(file, setup, share)));
    const processes = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const fleet = new Fleet(processes, terminal);
    const failed = opened.find((each) => each.status === 'rejected');
    if (!failed) return fleet;
    await fleet.close();
    throw failed.reason;
  }

  get cases(): readonly CaseInfo[] {
    return this.processes[0].cases;
  }

  /**
   * Puts the load on, and resolves with the report of all processes; of one that is gone what it had told.
   *
   * @param startAt milliseconds since the Unix epoch; as soon as all are ready when absent
   * @throws RuntimeFault, UsageError for a load that cannot run
   */
  async run(
    testCase: CaseInfo,
    jobOf: (share: ProcessShare) => LoadJob,
    listener: LoadListener,
    startAt: number | undefined,
  ): Promise<LoadReport> {
    const { interrupted } = this.terminal;
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      for (const process of this.processes) process.abort();
      timer = setTimeout(() => this.#kill(), INTERRUPT_MS);
    };
    interrupted.addEventListener('abort', abort, { once: true });
    try {
      const jobs = new Map(this.processes.map((process) => [process, jobOf(process.share)]));
      const waitMs = Math.max(0, (startAt ?? 0) - Date.now());
      await Promise.all([...jobs].map(([process, job]) => process.prepare(testCase, job, listener, waitMs)));
      return await this.#begin(jobs, startAt);
    } finally {
      clearTimeout(timer);
      interrupted.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
  }

  /** Lets those that are ready begin, when all are. */
  async #begin(jobs: ReadonlyMap<LoadProcess, LoadJob>, startAt: number | undefined): Promise<LoadReport> {
    const [first] = this.processes;
    // One that has ended before it told that it is ready was refused, or its first call has failed.
    const early = this.processes.filter(({ latest }) => latest === undefined);
    if (early.length > 0) {
      for (const process of this.processes) process.abort();
      const [report] = await Promise.all(early.map(({ finished }) => finished));
      return report;
    }
    const alone = this.processes.length === 1;
    const atMs = startAt ?? (alone ? undefined : Date.now() + LEAD_MS);
    for (const process of this.processes) process.go(atMs);
    if (alone) return this.#reportOf(first, jobs);
    return mergeLoadReports(
      await Promise.all(this.processes.map((process) => this.#reportOf(process, jobs))),
    );
  }

  async #reportOf(process: LoadProcess, jobs: ReadonlyMap<LoadProcess, LoadJob>): Promise<LoadReport> {
    try {
      return await process.finished;
    } catch (error) {
      const plan = jobs.get(process)?.plan;
      const { latest, share } = process;
      if (!(error instanceof RuntimeFault) || error.code === 'RUNTIME_REFUSED' || !latest || !plan)
        throw error;
      const who = share.count === 1 ? '' : `Process ${share.index + 1} of ${share.count}: `;
      return lostReport(latest, startsOfShard(plan.stages, plan.shard, plan.total), who + error.message);
    }
  }

  #kill(): void {
    for (const process of this.processes) process.kill();
  }
}

/**
 * The case that is meant.
 *
 * @throws UsageError when there is none, or more than one
 */
export function chosenCase(cases: readonly CaseInfo[], title: RegExp | undefined): CaseInfo {
  const chosen = cases.filter((each) => title === undefined || title.test(each.title));
  if (chosen.length === 1) return chosen[0];
  const all = cases.map((each) => `"${each.title}"`).join(', ');
  if (cases.length === 0) throw new UsageError('There is no test case in this flow.');
  throw new UsageError(
    chosen.length === 0
      ? `No test case is selected by --case; there are ${all}.`
      : `A load runs one test case: select it by --case. There are ${all}.`,
  );
}
