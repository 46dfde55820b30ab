import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Job, Worker } from 'bullmq';
import type { LostTry } from '../../lib/testing';
import type { ProcessShare } from '../runtime/protocol';
import type { FlowRunSetup } from '../test/flow-run';
import { openBundle } from './bundle';
import { sendFiles } from './carried-files';
import type { FleetRun } from './load-job';
import { fleetPackages } from './packages';
import type { FleetRedis } from './redis';
import type { ServerClock } from './server-clock';
import { QUEUE_PREFIX, type Claim } from './state';
import {
  fileKey,
  MOST_TRIES,
  type FleetTests,
  type FleetUnit,
  type RunningUnit,
  type TestJob,
} from './test-job';
import { TestStore, type Try } from './test-store';
import { fileFolder, sentenceOf, UnitRunner, type UnitOutcome } from './unit-runner';

/** What a session of tests needs of its worker. */
export interface TestSessionContext {
  readonly name: string;
  readonly redis: FleetRedis;
  readonly clock: ServerClock;
  /** Folder of the run on this machine. */
  readonly folder: string;
  readonly source?: string | undefined;
  /** A line for people. */
  readonly note: (sentence: string) => void;
  /** Takes why this machine cannot run the flows. */
  readonly refuse: (sentence: string) => void;
}

/** A worker that has said nothing for so long has lost its job, milliseconds. */
const LOCK_MS = 10_000;
/** Between two looks for lost jobs. */
const STALLED_EVERY_MS = 2000;

/** What one worker does for the tests of a run: takes jobs one after the other and tells what came of them. */
export class TestSession {
  readonly cases = [];
  readonly #store: TestStore;
  readonly #runner: UnitRunner;
  readonly #worker: Worker;
  /** Ends what runs. */
  #stop = new AbortController();
  /** The job that runs. */
  #job: Promise<unknown> = Promise.resolve();
  #isLeaving = false;
  #isOver = false;

  constructor(
    claim: Claim,
    stored: FleetRun & { tests: FleetTests },
    setup: Omit<FlowRunSetup, 'share' | 'log' | 'outputFolder'>,
    private readonly context: TestSessionContext,
  ) {
    const { redis, folder, source, note, name } = context;
    const { bullmq } = fleetPackages();
    this.#store = new TestStore(redis.client, claim.run);
    this.#runner = new UnitRunner({
      tests: stored.tests,
      open: async (file) => {
        const bundle = stored.bundles[file];
        const { pcap } = stored.tests;
        const env = { ...bundle.env, ...setup.env };
        return {
          file: await openBundle(redis.client, bundle, fileFolder(folder, file)),
          setup: { ...setup, env, pcap, outputFolder: this.#output },
        };
      },
      shares: sharesOf(claim, source),
    });
    this.#worker = new bullmq.Worker<TestJob>(
      this.#store.queue,
      (job, token = '') => (this.#job = this.#work(job, token)),
      {
        connection: { ...redis.options },
        prefix: QUEUE_PREFIX,
        name,
        concurrency: 1,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_EVERY_MS,
        // Once more, elsewhere.
        maxStalledCount: 1,
      },
    );
    this.#worker.on('lockRenewalFailed', () => this.#stop.abort());
    let latest = '';
    this.#worker.on('error', ({ message }) => {
      // Of a job that another worker has by now; and once is enough.
      if (!/lock|missing key/i.test(message) && message !== latest) note(`Queue: ${message}`);
      latest = message;
    });
  }

  /** What runs now. */
  get running(): RunningUnit | undefined {
    return this.#runner.running;
  }

  /**
   * Ends the calls of what runs, and begins nothing more.
   *
   * @param isLeaving the worker goes: others do what it has not done
   */
  abort(isLeaving = false): void {
    this.#isOver = true;
    this.#isLeaving ||= isLeaving;
    void this.#worker.pause(true).catch(() => undefined);
    this.#stop.abort();
  }

  /** Resolves when nothing runs any more. */
  async finished(): Promise<void> {
    await this.#job.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.abort();
    await this.finished();
    await this.#worker.close(true).catch(() => undefined);
    await this.#runner.close();
  }

  /** Nothing: Node-RED ends with this process. */
  kill(): void {}

  get #output(): string {
    return join(this.context.folder, 'results');
  }

  async #work(job: Job<TestJob>, token: string): Promise<void> {
    if (!this.#isOver) this.#stop = new AbortController();
    const isHeld = async (): Promise<boolean> => (await job.extendLock(token, LOCK_MS)) === 1;
    const { data } = job;
    try {
      if (data.kind === 'list') for (const file of data.files) await this.#list(file, data, isHeld);
      else for (const unit of data.units) await this.#unit(unit, data, isHeld);
    } finally {
      if (data.isWhole) await this.#runner.close();
    }
    if (!this.#isLeaving) return;
    await job.moveToWait(token);
    throw new (fleetPackages().bullmq.WaitingError)();
  }

  /** Tells the test cases of a file. */
  async #list(file: number, { keepsPorts }: TestJob, isHeld: () => Promise<boolean>): Promise<void> {
    const key = fileKey(file);
    if (this.#stop.signal.aborted || (await this.#store.hasEnded(key))) return;
    const told = await this.#runner.cases(file, keepsPorts).then(
      (cases) => ({ cases }),
      (error: unknown) => ({ problem: sentenceOf(error) }),
    );
    if (!(await isHeld())) return;
    const { name } = this.context;
    await this.#store.tell({ key, worker: name, ...told, lost: [], log: this.#runner.takeLog(), files: [] });
  }

  async #unit(unit: FleetUnit, { keepsPorts }: TestJob, isHeld: () => Promise<boolean>): Promise<void> {
    const { key } = unit;
    const { signal } = this.#stop;
    if (signal.aborted || (await this.#store.isHalted()) || (await this.#store.hasEnded(key))) return;
    const tries = await this.#store.tries(key);
    const startedAt = this.#now();
    const lost = tries.map((each, index): LostTry => ({
      ...each,
      noticedAt: tries[index + 1]?.startedAt ?? startedAt,
    }));
    const mine = { by: `Worker ${this.context.name} (${hostname()})`, startedAt };
    const isTried = tries.length < MOST_TRIES;
    if (isTried) await this.#store.putTries(key, [...tries, mine]);
    const outcome = isTried ? await this.#runner.run(unit, { keepsPorts, before: tries.length }, signal) : {};
    if (outcome.refusal !== undefined) await this.#refuse(key, tries, outcome.refusal);
    else if (this.#isLeaving && signal.aborted)
      await this.#store.putTries(key, [...tries, { ...mine, left: true }]);
    else if (await isHeld()) await this.#tell(key, outcome, lost);
    else this.context.note(`${unit.info.title}: it took too long to say so; another worker has it now.`);
  }

  /** Others try what this machine cannot. */
  async #refuse(key: string, tries: readonly Try[], sentence: string): Promise<void> {
    await this.#store.putTries(key, tries);
    this.abort(true);
    this.context.refuse(sentence);
  }

  async #tell(key: string, { verdict, problem }: UnitOutcome, lost: LostTry[]): Promise<void> {
    const sent = verdict && (await sendFiles(verdict, this.#output, this.#store));
    await this.#store.tell({
      key,
      worker: this.context.name,
      lost,
      log: this.#runner.takeLog(),
      files: [],
      ...sent,
      ...(problem !== undefined && { problem }),
    });
  }

  /** By the clock of the server. */
  #now(): string {
    return new Date(this.context.clock.now()).toISOString();
  }
}

/**
 * Workers may be on one machine: each has RTP ports of its own, and SIP ports that are free, unless calls come to them.
 * Those flows run as they would alone; a port that another worker has is passed over.
 */
function sharesOf({ slot, slots }: Claim, source: string | undefined): Record<'any' | 'own', ProcessShare> {
  const address = source === undefined ? {} : { source };
  return {
    any: { index: slot + 1, count: slots + 1, ...address },
    own: { index: 0, count: 1, ...address },
  };
}
