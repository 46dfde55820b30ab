import { setTimeout } from 'node:timers/promises';
import type { LoadReport, LoadSample, LoadSlice } from '../../lib/load';
import type { Job, Worker } from 'bullmq';
import { UsageError } from '../arguments';
import { LoadProcess } from '../load/load-process';
import type { CaseInfo, RunNeeds } from '../runtime/protocol';
import type { FlowRunSetup, SuiteFile } from '../test/flow-run';
import type { FleetLoad } from './load-job';
import { fleetPackages } from './packages';
import { redisSentence, type FleetRedis } from './redis';
import type { ServerClock } from './server-clock';
import { KEYS, QUEUE_PREFIX, RUN_SECONDS, sliceQueue, type Claim } from './state';

/** What a session of a worker tells of itself. */
export interface SessionListener {
  sample(sample: LoadSample): void;
  advice(sentence: string): void;
  /** Something about the queue that people may want to know. */
  note(sentence: string): void;
}

/** Slices that a worker has at once: the one that runs, and those that come next. */
const SLICES_AT_ONCE = 8;
/** How long a job may go without a sign of its worker. */
const LOCK_MS = 30_000;
/** Between two tries to put the last report into Redis. */
const AGAIN_MS = 1000;

/** What one worker does for one load: Node-RED with the flows, and its slices. */
export class LoadSession {
  #worker: Worker | undefined;
  #report: LoadReport | undefined;
  #beginAt: number | undefined;
  #isClosed = false;
  /** What the queue complained of last. */
  #fault: string | undefined;
  /** Of slices that run, by number. */
  readonly #over = new Map<number, () => void>();

  private constructor(
    private readonly claim: Claim,
    private readonly process: LoadProcess,
    private readonly redis: FleetRedis,
    private readonly clock: ServerClock,
    private readonly listener: SessionListener,
  ) {}

  /** @throws RuntimeFault, UsageError: why the flows cannot run here */
  static async open(
    claim: Claim,
    file: SuiteFile,
    setup: FlowRunSetup & { source?: string | undefined; needs?: RunNeeds | undefined },
    context: { redis: FleetRedis; clock: ServerClock; listener: SessionListener },
  ): Promise<LoadSession> {
    const { source, needs } = setup;
    const share = {
      index: claim.slot,
      count: claim.slots,
      ...(source === undefined ? {} : { source }),
      // A number is registered once in all.
      ...(claim.slot === 0 ? {} : { registers: false as const }),
    };
    const process = await LoadProcess.open(file, setup, share, needs);
    return new LoadSession(claim, process, context.redis, context.clock, context.listener);
  }

  get cases(): readonly CaseInfo[] {
    return this.process.cases;
  }

  /** The report as far as it is known, which is final after `finished`. */
  get report(): LoadReport | undefined {
    return this.#report ?? this.process.latest;
  }

  /** Readies the load, and makes its first call when the plan says so; resolves when it waits for `go`. */
  async prepare({ case: id, job, slot }: FleetLoad, waitMs: number): Promise<void> {
    const testCase = this.process.cases.find((each) => each.id === id);
    if (!testCase) throw new UsageError('The flow of this worker has no such test case.');
    const { bullmq } = fleetPackages();
    const shard = { ...job.plan.shard, index: slot };
    // The others wait for the first.
    const plan = { ...job.plan, shard, probe: job.plan.probe && slot === 0 };
    const listener = { ...this.listener, sliceOver: (number: number) => void this.#sliceOver(number) };
    await this.process.prepare(testCase, { ...job, plan }, listener, waitMs);
    const { options } = this.redis;
    this.#worker = new bullmq.Worker<LoadSlice>(
      sliceQueue(this.claim.run, slot),
      (queued) => this.#slice(queued),
      {
        connection: { ...options },
        prefix: QUEUE_PREFIX,
        concurrency: SLICES_AT_ONCE,
        lockDuration: LOCK_MS,
        // Whoever has made its calls would make them twice.
        maxStalledCount: 0,
      },
    );
    this.#worker.on('error', ({ message }) => this.#noteFault(message));
  }

  /** Lets the load begin. @param beginAt by the clock of the server, milliseconds since the epoch */
  go(beginAt: number): void {
    if (this.#beginAt !== undefined) return;
    this.#beginAt = beginAt;
    this.process.go(this.clock.local(beginAt));
  }

  /** Ends the calls, properly. */
  abort(): void {
    this.process.abort();
  }

  /** Resolves with the final report. @throws RuntimeFault when Node-RED ended before */
  async finished(): Promise<LoadReport> {
    this.#report = await this.process.finished;
    for (const over of this.#over.values()) over();
    await this.#tellReport();
    return this.#report;
  }

  /** Puts the report so far into Redis. */
  async saveReport(): Promise<void> {
    const { report, claim, redis } = this;
    if (!report) return;
    await redis.client.set(KEYS.report(claim.run, claim.slot), JSON.stringify(report), 'EX', RUN_SECONDS);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const over of this.#over.values()) over();
    // Without waiting for jobs: their coordinator is through with them.
    await this.#worker?.close(true).catch(() => undefined);
    await this.process.close();
  }

  kill(): void {
    this.process.kill();
  }

  /** Says once what the queue complains of. That the connection is lost is said by whoever has the other one. */
  #noteFault(message: string): void {
    if (/ECONN|ETIMEDOUT|EPIPE|connection is closed/i.test(message)) return;
    const sentence = /\block\b|missing key/i.test(message)
      ? 'This machine or Redis stood still for a while: slices that are over are dropped, and the load goes on.'
      : redisSentence(message);
    if (sentence !== this.#fault) this.listener.note(sentence);
    this.#fault = sentence;
  }

  /** Puts the last report into Redis, however long that takes while the session is wanted. */
  async #tellReport(): Promise<void> {
    for (let told = ''; !this.#isClosed; await setTimeout(AGAIN_MS)) {
      try {
        return await this.saveReport();
      } catch (error) {
        const sentence = redisSentence(error);
        if (sentence !== told && !this.#isClosed) this.listener.note(sentence);
        told = sentence;
      }
    }
  }

  /** A slice of the queue: done when its time is over. One that comes too late is dropped, and counted. */
  async #slice({ data }: Job<LoadSlice>): Promise<void> {
    if (this.#report) return;
    const over = new Promise<void>((resolve) => this.#over.set(data.number, resolve));
    this.process.grant(data);
    await over;
    this.#over.delete(data.number);
  }

  async #sliceOver(number: number): Promise<void> {
    try {
      await this.saveReport();
    } catch (error) {
      this.listener.note(`Queue: ${(error as Error).message}`);
    }
    this.#over.get(number)?.();
  }
}
