import type { LoadReport, LoadSample, LoadSlice } from '../../lib/load';
import type { CaseInfo, Event, LoadJob, ProcessShare, RunNeeds } from '../runtime/protocol';
import type { FlowRunSetup, SuiteFile } from '../test/flow-run';
import { Runtime } from '../test/runtime';
import { makeUserDir, type UserDir } from '../test/user-dir';

/** What happens in a process while it puts its part of a load on. */
export interface LoadListener {
  sample(sample: LoadSample): void;
  /** A sentence for people. */
  advice(sentence: string): void;
  /** The time of a slice is over; `latest` has what it brought. */
  sliceOver?(number: number): void;
}

/** The native driver carries more calls, and a process of its own risks nobody's flows. Where it does not work, dgram does. */
const DATAGRAMS = process.platform === 'linux' ? { SIPFLOW_DATAGRAMS: 'native' } : {};
/**
 * Megabytes of young objects. To collect them holds up the starts for as long as those that live on take to copy: a
 * quarter of the usual room is a quarter of the pause, four times as often.
 */
const NODE_OPTIONS = ['--max-semi-space-size=4'];
/** Seconds of the probe and of the last cases beyond their own time. */
const MARGIN_SECONDS = 30;

/** One of the processes that share a load: Node-RED with the flows. */
export class LoadProcess {
  /** The report as far as it is known. */
  latest: LoadReport | undefined;
  /** Its report; rejects as `Runtime.load`. */
  finished: Promise<LoadReport> = Promise.reject(new Error('It has no load.'));

  private constructor(
    readonly share: ProcessShare,
    readonly cases: readonly CaseInfo[],
    private readonly runtime: Runtime,
    private readonly userDir: UserDir,
  ) {
    this.finished.catch(() => undefined);
  }

  /**
   * Starts Node-RED with the flows.
   *
   * @param needs what this machine must have
   * @throws RuntimeFault, UsageError: why they cannot run
   */
  static async open(
    { flow, credentials }: SuiteFile,
    setup: FlowRunSetup,
    share: ProcessShare,
    needs?: RunNeeds,
  ): Promise<LoadProcess> {
    const userDir = makeUserDir(setup.userDir);
    const { nodeRed, env, outputFolder, log } = setup;
    try {
      const { runtime, cases } = await Runtime.start({
        job: {
          nodeRed: nodeRed.folder,
          userDir: userDir.path,
          flows: flow.nodes,
          credentials,
          flowFolder: flow.folder,
          outputFolder,
          pcap: 'off',
          share,
          needs,
        },
        env: { ...DATAGRAMS, ...env },
        nodeOptions: NODE_OPTIONS,
        log,
      });
      return new LoadProcess(share, cases, runtime, userDir);
    } catch (error) {
      userDir.remove();
      throw error;
    }
  }

  /**
   * Readies a load, and makes its first call when the plan says so. Resolves when it waits for `go`, or when `finished`
   * has settled before.
   *
   * @param waitMs how long `go` may be away
   */
  async prepare(testCase: CaseInfo, job: LoadJob, listener: LoadListener, waitMs: number): Promise<void> {
    const limitMs = waitMs + 1000 * (job.plan.graceSeconds + MARGIN_SECONDS);
    await new Promise<void>((resolve) => {
      const heard = (event: Event): void => {
        if (event.kind === 'prepared') {
          this.latest = event.report;
          event.advice.forEach((sentence) => listener.advice(sentence));
          resolve();
        } else if (event.kind === 'so-far') this.latest = event.report;
        else if (event.kind === 'notice') listener.advice(event.sentence);
        else if (event.kind === 'sample') listener.sample(event.sample);
        else if (event.kind === 'slice-over') {
          this.latest = event.report;
          listener.sliceOver?.(event.number);
        }
      };
      this.finished = this.runtime.load({ kind: 'load', case: testCase.id, job }, heard, limitMs);
      this.finished.then(
        () => resolve(),
        () => resolve(),
      );
    });
  }

  /** @param atMs milliseconds since the Unix epoch; at once when absent */
  go(atMs?: number): void {
    this.runtime.go(atMs);
  }

  /** Hands out a further part of a load whose plan is sliced. */
  grant(slice: LoadSlice): void {
    this.runtime.grant(slice);
  }

  /** Ends the load properly; its report follows. */
  abort(): void {
    this.runtime.abort();
  }

  /** Ends the process at once. */
  kill(): void {
    this.runtime.kill();
    this.userDir.remove();
  }

  /** Ends the process. */
  async close(): Promise<void> {
    await this.runtime.stop();
    this.userDir.remove();
  }
}
