import { setTimeout } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { UsageError } from '../arguments';
import type { Member } from './crew';
import { nameOf, type FleetRunHandle, type FleetTerminal } from './fleet-run';
import { fleetPackages } from './packages';
import { QUEUE_PREFIX, TIMES, type WorkerPhase } from './state';
import type { FleetUnit, RunningUnit, TestJob, TestResult } from './test-job';
import type { TestStore } from './test-store';

/** A part of a run that is in the queue until all that it has has ended. */
export interface OpenJob {
  readonly id: string;
  readonly job: TestJob;
  /** Keys of what it has. */
  readonly keys: readonly string[];
}

/** Takes what the workers tell. */
export interface TestListener {
  /** Of each unit and file once. */
  result(result: TestResult): Promise<void>;
  /** What the workers run now. */
  running(units: readonly RunningUnit[]): void;
  /** Nothing further is to begin. */
  isOver(): boolean;
}

/** Phases of workers that take no further job. */
const OUT: readonly WorkerPhase[] = ['refused', 'left'];
const LOOK_EVERY_MS = 250;
/** Between two looks for jobs that were given up. */
const FAILED_EVERY_MS = 2000;
/** From the order to end until the last results. */
const LAST_MS = 15_000;
const MOST_FAILED = 100;
/** What BullMQ says of a job whose workers were lost too often. */
const STALLED = /stalled/;

/** Hands out jobs of tests to the workers of a run, and hears what comes of them. */
export class TestCoordinator {
  readonly #queue: Queue<TestJob>;
  readonly #ended = new Set<string>();
  /** Data of results that stay for a command that goes on with the run. */
  readonly #kept: string[] = [];
  #open: OpenJob[] = [];
  readonly #gone = new Set<string>();
  #aloneSince: number | undefined;
  #lookedForFailed = 0;
  #haltedAt: number | undefined;
  #given = 0;

  constructor(
    private readonly handle: FleetRunHandle,
    private readonly store: TestStore,
    private readonly terminal: FleetTerminal,
    /** Whether another command may go on with the run. */
    private readonly keeps: boolean,
  ) {
    this.#queue = new (fleetPackages().bullmq.Queue)(store.queue, {
      connection: { ...handle.redis.options },
      prefix: QUEUE_PREFIX,
    });
    this.#queue.on('error', () => undefined);
  }

  /**
   * Resolves when everything of the jobs has ended, or nothing further begins and nothing runs.
   *
   * @throws UsageError when no worker is left, or another command has the run
   */
  async run(jobs: readonly OpenJob[], listener: TestListener): Promise<void> {
    this.#open = [...jobs];
    await this.store.mark();
    await this.#enqueue(this.#open);
    for (;;) {
      await this.handle.beat();
      // A Redis that came back empty has neither jobs nor what was tried.
      if (await this.store.mark()) await this.#restore();
      await this.#takeResults(listener);
      if (this.#open.length === 0) return;
      if (this.#haltedAt === undefined && listener.isOver()) await this.#halt();
      await this.#watchWorkers(listener);
      if (this.#isSettled()) return;
      await this.#takeFailures(listener);
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  /** Takes the queue away, and what the run has left in Redis. */
  async close(forget: boolean): Promise<void> {
    if (forget && this.handle.redis.client.status === 'ready') {
      await this.#queue.obliterate({ force: true }).catch(() => undefined);
      await this.store.remove(this.#kept);
      await this.store.forget();
    }
    await this.#queue.close().catch(() => undefined);
  }

  async #enqueue(jobs: readonly OpenJob[]): Promise<void> {
    await this.#queue.addBulk(
      jobs.map(({ id, job }) => ({
        name: job.kind,
        data: job,
        // The same name is there once, when a command goes on with a run.
        opts: { jobId: id, attempts: 1, removeOnComplete: true, removeOnFail: false },
      })),
    );
  }

  async #takeResults(listener: TestListener): Promise<void> {
    for (const { id, result } of await this.store.next()) {
      const data = [id, ...result.files.map((file) => file.id)];
      if (!this.#ended.has(result.key)) {
        this.#ended.add(result.key);
        await listener.result(result);
      }
      if (this.keeps) this.#kept.push(...data);
      else await this.store.remove(data);
    }
    this.#open = this.#open.filter(({ keys }) => keys.some((key) => !this.#ended.has(key)));
  }

  /** Puts what has not ended into the queue again; what a worker was running then has been tried. */
  async #restore(): Promise<void> {
    for (const { name, state } of this.handle.crew.members) {
      if (!state.testing || this.#ended.has(state.testing.key)) continue;
      const { key, startedAt } = state.testing;
      await this.store.putTries(key, [{ by: nameOf({ name, state } as Member), startedAt }]);
    }
    if (this.#haltedAt === undefined) await this.#enqueue(this.#open);
    else await this.store.halt();
  }

  /** Nothing further begins; what runs is ended properly when the run was interrupted. */
  async #halt(): Promise<void> {
    this.#haltedAt = Date.now();
    await this.store.halt();
    await this.#queue.drain();
    if (this.terminal.interrupted.aborted) await this.handle.crew.order('abort');
  }

  #isSettled(): boolean {
    if (this.#haltedAt === undefined) return false;
    const { interrupted } = this.terminal;
    if (interrupted.aborted && Date.now() - this.#haltedAt > LAST_MS) return true;
    // The state of a worker is as old as its last beat.
    if (Date.now() - this.#haltedAt < 2 * TIMES.beat) return false;
    const { members } = this.handle.crew;
    return !members.some(({ state }) => this.handle.crew.isFresh(state) && state.testing);
  }

  async #watchWorkers(listener: TestListener): Promise<void> {
    const { crew } = this.handle;
    const there = crew.members.filter(({ state }) => crew.isFresh(state) && !OUT.includes(state.phase));
    // A copy: one that is replaced has a new one after it.
    for (const member of [...crew.members]) {
      const isThere = there.includes(member);
      if (!isThere && !this.#gone.has(member.token)) {
        this.#gone.add(member.token);
        this.terminal.note(lossOf(member, crew.isFresh(member.state)));
        await this.#replace(member);
      } else if (isThere && this.#gone.delete(member.token)) {
        this.terminal.note(`${nameOf(member)} is there again.`);
      }
    }
    listener.running(there.flatMap(({ state }) => (state.testing ? [state.testing] : [])));
    if (there.length > 0) this.#aloneSince = undefined;
    else await this.#waitForWorkers();
  }

  /** @throws UsageError when none came */
  async #waitForWorkers(): Promise<void> {
    this.#aloneSince ??= Date.now();
    for (const member of [...this.handle.crew.members]) await this.#replace(member);
    if (Date.now() - this.#aloneSince < TIMES.alone) return;
    throw new UsageError(`No worker of the run is left, and none came within ${TIMES.alone / 1000} s.`);
  }

  /** Takes a worker that is free in the place of one that is gone. */
  async #replace({ slot }: Member): Promise<void> {
    const { crew, wishes } = this.handle;
    const [other] = crew.free(await crew.present(), { labels: wishes.labels, refused: new Set() });
    if (!other || !(await crew.take(other, slot))) return;
    this.terminal.note(`Worker ${other.name} (${other.host}) takes its place.`);
  }

  /** Jobs that the queue has given up: what was lost too often has to be told by a worker, the rest has a problem. */
  async #takeFailures(listener: TestListener): Promise<void> {
    if (Date.now() - this.#lookedForFailed < FAILED_EVERY_MS) return;
    this.#lookedForFailed = Date.now();
    for (const failed of await this.#queue.getFailed(0, MOST_FAILED)) {
      const { id, failedReason } = failed;
      await failed.remove().catch(() => undefined);
      const lost = this.#open.find((each) => each.id === id);
      if (!lost) continue;
      if (STALLED.test(failedReason)) await this.#again(lost);
      else await this.#giveUp(lost, failedReason, listener);
    }
  }

  async #again(lost: OpenJob): Promise<void> {
    this.#given += 1;
    const again = { ...lost, id: `${lost.id}-again-${this.#given}` };
    this.#open = this.#open.map((each) => (each === lost ? again : each));
    await this.#enqueue([again]);
  }

  async #giveUp({ keys }: OpenJob, problem: string, listener: TestListener): Promise<void> {
    for (const key of keys.filter((each) => !this.#ended.has(each))) {
      this.#ended.add(key);
      await listener.result({ key, worker: '', problem, lost: [], log: [], files: [] });
    }
  }
}

/** What has become of a worker that gets nothing more. */
function lossOf(member: Member, isHeard: boolean): string {
  const who = nameOf(member);
  const { phase, sentence = '' } = member.state;
  if (isHeard && phase === 'refused') return `${who} cannot run the flows: ${sentence}`;
  const how = isHeard ? 'was stopped' : 'is gone';
  return `${who} ${how}: what it was running is run once more.`;
}

/** The jobs of units of one group of files: all in one, or each alone. */
export function jobsOf(
  units: readonly FleetUnit[],
  group: Pick<TestJob, 'isWhole' | 'keepsPorts'>,
): OpenJob[] {
  const { isWhole, keepsPorts } = group;
  const parts = isWhole ? [units] : units.map((unit) => [unit]);
  return parts
    .filter((part) => part.length > 0)
    .map((part) => ({
      // The queue's own separator must not stand in a name.
      id: Buffer.from(part[0].key).toString('base64url'),
      job: { kind: 'run', units: part, isWhole, keepsPorts },
      keys: part.map(({ key }) => key),
    }));
}
