import { setTimeout } from 'node:timers/promises';
import {
  emptyLoadReport,
  fleetReport,
  HEALTH_LIMITS,
  SliceLedger,
  type GivenSlice,
  type LoadReport,
  type WorkerEnd,
} from '../../lib/load';
import { UsageError } from '../arguments';
import type { Member } from './crew';
import { nameOf, type FleetRunHandle, type FleetTerminal } from './fleet-run';
import type { FleetLive } from './live';
import type { FleetLoad } from './load-job';
import { isRefusal, redisSentence } from './redis';
import { SliceQueues } from './slice-queues';
import { KEYS, RUN_SECONDS, TIMES, type WorkerPhase } from './state';
import { workerEnd } from './worker-ends';

/** A load as it is put on a fleet. */
export interface FleetLoadPlan {
  readonly load: Pick<FleetLoad, 'case' | 'job'>;
  /** Cases at once of all workers. */
  readonly atOnce: number;
  readonly title: string;
  /** Of everything that makes two commands the same run. */
  readonly hash: string;
}

/** What a coordinator keeps so that another one can go on. */
interface Progress {
  members: Pick<Member, 'name' | 'token' | 'slot'>[];
  beginAt: number;
  plan: FleetLoadPlan;
}

/** From the order to begin until then: every worker has to hear it. */
const LEAD_MS = 3000;
/** A slice is handed out so long before it begins. */
const AHEAD_MS = 4000;
/** A worker that is there has so long to tell its last report after its cases have ended. */
const LAST_MS = 15_000;
/** Between two comparisons of the clocks. */
const MEASURE_MS = 10_000;
/** A worker does nothing more for the run. */
const CLOSED: readonly WorkerPhase[] = ['done', 'refused', 'left'];

/** Puts a load on the workers of a run: hands out slices, watches, and makes one report of all. */
export class LoadCoordinator {
  #ledger: SliceLedger;
  #beginAt = 0;
  readonly #queues: SliceQueues;
  /** Workers that were gone for a while, or still are. */
  readonly #gone = new Set<string>();
  #endedMs: number | undefined;
  /** Since when no worker was there, milliseconds since the epoch. */
  #aloneSince: number | undefined;
  /** What Redis refuses, once it was said. */
  #refusal: string | undefined;
  #measuredAt = Date.now();

  constructor(
    private readonly handle: FleetRunHandle,
    private readonly plan: FleetLoadPlan,
    private readonly live: FleetLive,
    private readonly terminal: FleetTerminal,
  ) {
    const { job } = plan.load;
    this.#ledger = new SliceLedger(job.plan.stages, plan.atOnce, job.plan.total);
    this.#queues = new SliceQueues(handle.redis, handle.wishes.run);
  }

  /** Runs the load with workers that have opened the flows. */
  async run(): Promise<LoadReport> {
    const { handle } = this;
    const { client } = handle.redis;
    await client.set(KEYS.job(handle.wishes.run), JSON.stringify(this.plan.load), 'EX', RUN_SECONDS);
    await handle.crew.order('prepare');
    await handle.reach('prepared');
    this.#assertNoRefusal();
    if (this.#cannotBegin()) return this.#end();
    this.#tellAdvice();
    this.#beginAt = handle.clock.now() + LEAD_MS;
    await this.#keepProgress();
    await this.#handOut();
    await handle.crew.order('go', this.#beginAt);
    return this.#watch();
  }

  /** Goes on with a run whose coordinator is gone. */
  static async resume(
    handle: FleetRunHandle,
    live: FleetLive,
    terminal: FleetTerminal,
    hash: string,
  ): Promise<LoadReport | undefined> {
    const { client } = handle.redis;
    const { run } = handle.wishes;
    const kept = JSON.parse((await client.get(KEYS.progress(run))) ?? 'null') as Progress | null;
    if (!kept || kept.plan.hash !== hash) return undefined;
    const coordinator = new LoadCoordinator(handle, kept.plan, live, terminal);
    await coordinator.#takeOver(kept);
    return coordinator.#watch();
  }

  async #takeOver({ members, beginAt }: Progress): Promise<void> {
    const { handle } = this;
    handle.resume(members.length);
    this.#beginAt = beginAt;
    const present = new Map((await handle.crew.present()).map((state) => [state.token, state]));
    for (const member of members) handle.crew.adopt(member, present.get(member.token));
    const slices = await handle.redis.client.lrange(KEYS.slices(handle.wishes.run), 0, -1);
    for (const text of slices) this.#ledger.take(JSON.parse(text) as GivenSlice[]);
    await handle.crew.order('go', beginAt);
    this.terminal.note(`The run ${handle.wishes.run} goes on with ${members.length} workers.`);
  }

  async #keepProgress(): Promise<void> {
    const { wishes, crew, redis } = this.handle;
    const progress: Progress = {
      members: crew.members.map(({ name, token, slot }) => ({ name, token, slot })),
      beginAt: this.#beginAt,
      plan: this.plan,
    };
    await redis.client.set(KEYS.progress(wishes.run), JSON.stringify(progress), 'EX', RUN_SECONDS);
  }

  get #nowMs(): number {
    return this.handle.clock.now() - this.#beginAt;
  }

  /** @throws UsageError with what workers say that cannot put the load on */
  #assertNoRefusal(): void {
    const refused = this.handle.crew.members.filter(({ state }) => state.phase === 'refused');
    if (refused.length === 0) return;
    throw new UsageError(refused.map(({ name, state }) => `Worker ${name}: ${state.sentence}`).join('\n'));
  }

  /** Whether the first call has failed, or nobody wants the run any more. */
  #cannotBegin(): boolean {
    if (this.terminal.interrupted.aborted) return true;
    return this.handle.crew.members.some(({ state }) => state.phase === 'done');
  }

  /** Looks at the workers and hands out slices until all have ended. */
  async #watch(): Promise<LoadReport> {
    const graceMs = this.plan.load.job.plan.graceSeconds * 1000 + LAST_MS;
    for (;;) {
      if ((await this.#look()) && this.#areAllThrough()) break;
      if (this.#nowMs > (this.#endedMs ?? this.#ledger.lengthMs) + graceMs) break;
      await setTimeout(TIMES.beat / 2);
    }
    return this.#end();
  }

  /** Hears the workers, and hands out what is next; false when Redis refuses that for a while. */
  async #look(): Promise<boolean> {
    const { crew, clock } = this.handle;
    try {
      await this.handle.beat();
      this.#noteLosses();
      if (this.terminal.interrupted.aborted) await this.#stop();
      if (this.#endedMs === undefined) await this.#handOut();
      this.live.show(crew.members, (member) => crew.isFresh(member.state), this.#nowMs);
      if (await this.#someoneStopped()) await this.#stop();
      if (Date.now() - this.#measuredAt > MEASURE_MS) {
        this.#measuredAt = Date.now();
        await clock.measure();
      }
      if (this.#refusal !== undefined) this.terminal.note('Redis takes everything again.');
      this.#refusal = undefined;
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const sentence = redisSentence(error);
      if (sentence !== this.#refusal)
        this.terminal.note(`${sentence} Until that is over nothing is handed out.`);
      this.#refusal = sentence;
      return false;
    }
  }

  /** Whether nothing more is to be expected of any worker. */
  #areAllThrough(): boolean {
    const { crew } = this.handle;
    const open = crew.members.filter(({ state }) => !CLOSED.includes(state.phase));
    if (open.length === 0) return true;
    if (open.some(({ state }) => crew.isFresh(state))) {
      this.#aloneSince = undefined;
      return false;
    }
    if (this.#endedMs !== undefined || this.#nowMs > this.#ledger.lengthMs) return true;
    const seconds = TIMES.alone / 1000;
    if (this.#aloneSince === undefined) {
      this.terminal.note(`All workers are gone. The run ends when none of them is back within ${seconds} s.`);
    }
    this.#aloneSince ??= Date.now();
    return Date.now() - this.#aloneSince > TIMES.alone;
  }

  /** Ends the run early: the workers end their calls. */
  async #stop(): Promise<void> {
    if (this.#endedMs !== undefined) return;
    this.#endedMs = Math.max(0, this.#nowMs);
    await this.handle.crew.order('abort');
  }

  /** Whether a worker has ended on its own before the plan was over: by a rule, or for want of Node-RED. */
  async #someoneStopped(): Promise<boolean> {
    if (this.#nowMs >= this.#ledger.lengthMs || this.#endedMs !== undefined) return false;
    const done = this.handle.crew.members.find(({ state }) => state.phase === 'done');
    if (!done) return false;
    const report = await this.#reportOf(done.slot);
    return report?.end.reason === 'aborted' || report?.end.reason === 'probe-failed';
  }

  /** Hands out the slices that begin soon, to those that are well. */
  async #handOut(): Promise<void> {
    const { crew, redis, wishes } = this.handle;
    for (let { nextMs } = this.#ledger; nextMs !== undefined; { nextMs } = this.#ledger) {
      if (nextMs > this.#nowMs + AHEAD_MS) return;
      // A slice that is over is nobody's: whoever got it would drop it.
      const isOver = nextMs + this.#ledger.sliceMs <= this.#nowMs;
      const well = crew.members.filter((member) => !isOver && this.#isWell(member));
      const given = this.#ledger.give(well.map(({ slot }) => slot));
      await redis.client.rpush(KEYS.slices(wishes.run), JSON.stringify(given));
      await Promise.all(given.map((each) => this.#queues.add(each)));
    }
    await redis.client.expire(KEYS.slices(wishes.run), RUN_SECONDS);
  }

  /** Whether a worker is there, and carries what it has. */
  #isWell({ state }: Member): boolean {
    if (!this.handle.crew.isFresh(state)) return false;
    if (state.phase !== 'prepared' && state.phase !== 'running') return false;
    const latest = (state.samples ?? []).slice(-2);
    const isOverloaded = ({
      loopBusy = 0,
      lateP95Ms = 0,
    }: {
      loopBusy?: number;
      lateP95Ms?: number;
    }): boolean => loopBusy > HEALTH_LIMITS.loopBusy && lateP95Ms > HEALTH_LIMITS.lateP99Ms;
    return latest.length < 2 || !latest.every(isOverloaded);
  }

  #noteLosses(): void {
    for (const member of this.handle.crew.members) {
      const { state, token } = member;
      const isLeft = state.phase === 'left';
      const isFresh = !isLeft && this.handle.crew.isFresh(state);
      if (!isFresh && !this.#gone.has(token)) {
        this.#gone.add(token);
        const how = isLeft ? 'was stopped' : 'is gone';
        this.terminal.note(`${nameOf(member)} ${how}: it gets no further part of the load.`);
      } else if (isFresh && this.#gone.delete(token)) {
        this.terminal.note(`${nameOf(member)} is there again.`);
      }
    }
  }

  #tellAdvice(): void {
    for (const { name, state } of this.handle.crew.members) {
      for (const sentence of state.advice ?? []) this.terminal.note(`Worker ${name}: ${sentence}`);
    }
  }

  async #reportOf(slot: number): Promise<LoadReport | undefined> {
    const { redis, wishes } = this.handle;
    const text = await redis.client.get(KEYS.report(wishes.run, slot));
    return text === null ? undefined : (JSON.parse(text) as LoadReport);
  }

  /** One report of all workers. */
  async #end(): Promise<LoadReport> {
    const { crew } = this.handle;
    const run = { ledger: this.#ledger, endedMs: this.#endedMs };
    const ends: WorkerEnd[] = [];
    for (const member of [...crew.members].sort((a, b) => a.slot - b.slot)) {
      ends.push(workerEnd(member, await this.#reportOf(member.slot), run));
    }
    await this.#queues.discard();
    const { job } = this.plan.load;
    const empty = emptyLoadReport({ ...job.plan, title: this.plan.title, rows: 0 });
    const untilMs = this.#endedMs ?? Infinity;
    const heldBack = {
      starts: this.#ledger.heldBack(untilMs),
      callSeconds: this.#ledger.missingCallSeconds(undefined, 0, untilMs),
    };
    return fleetReport(ends, heldBack, empty);
  }
}
