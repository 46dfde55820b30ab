import { setTimeout } from 'node:timers/promises';
import { version } from '../../package.json';
import { UsageError } from '../arguments';
import type { CaseInfo } from '../runtime/protocol';
import { Crew, type Member } from './crew';
import type { FleetRun } from './load-job';
import type { FleetRedis } from './redis';
import { RunLock } from './run-lock';
import { ServerClock } from './server-clock';
import { KEYS, RUN_SECONDS, TIMES, type WorkerPhase, type WorkerState } from './state';

/** What a run of a fleet wants of it. */
export interface FleetWishes {
  /** Name of the run. */
  readonly run: string;
  /** Number of workers; all that are there when absent. */
  readonly workers?: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Who is told what happens. */
export interface FleetTerminal {
  /** A sentence for people. */
  note(sentence: string): void;
  readonly interrupted: AbortSignal;
}

/** How long a run waits for workers. */
const GATHER_MS = 30_000;
/** Without a number it takes those that come within so long. */
const COLLECT_MS = 2000;

/** One run on the coordinator's side: its lock, its data, and its workers. */
export class FleetRunHandle {
  readonly clock: ServerClock;
  readonly crew: Crew;
  readonly lock: RunLock;
  #slots = 0;
  readonly #refused = new Map<string, string>();
  /** Of those, what was not said yet. */
  readonly #untold: string[] = [];
  #stored: FleetRun | undefined;
  #isOver = false;

  constructor(
    readonly redis: FleetRedis,
    readonly wishes: FleetWishes,
    private readonly terminal: FleetTerminal,
  ) {
    const { client } = redis;
    this.clock = new ServerClock(client);
    this.lock = new RunLock(client, wishes.run);
    this.crew = new Crew(client, this.clock, wishes.run, () => this.#slots);
  }

  /** Workers that take part. */
  get slots(): number {
    return this.#slots;
  }

  /** Goes on with the workers that another coordinator had taken. */
  resume(slots: number): void {
    this.#slots = slots;
  }

  /** Keeps what the workers need of the run. */
  async store(run: Omit<FleetRun, 'version'>): Promise<void> {
    this.#stored = { version, ...run };
    await this.redis.client.set(KEYS.run(this.wishes.run), JSON.stringify(this.#stored), 'EX', RUN_SECONDS);
  }

  /**
   * Waits for workers and lets them start Node-RED with the flows. One that refuses is replaced while there are others.
   *
   * @throws UsageError when there are not enough, with what the others say
   */
  async gather(): Promise<readonly CaseInfo[]> {
    const { workers } = this.wishes;
    await this.crew.release(await this.crew.present());
    const chosen = await this.#choose();
    this.#slots = workers ?? chosen.length;
    for (const [slot, state] of chosen.entries()) await this.crew.take(state, slot);
    const until = Date.now() + GATHER_MS;
    for (;;) {
      await this.beat();
      await this.#dropRefusals();
      await this.#fillSlots();
      const { members } = this.crew;
      if (members.length === this.#slots && members.every(({ state }) => state.phase === 'opened')) break;
      const isHopeless = members.length < this.#slots && Date.now() > until;
      if (isHopeless) throw new UsageError(this.#shortage(await this.crew.present()));
      if (this.terminal.interrupted.aborted) return [];
      await setTimeout(TIMES.beat);
    }
    return this.crew.members[0].state.cases ?? [];
  }

  /** Waits until every worker is in one of the phases, or gone. */
  async reach(...phases: readonly WorkerPhase[]): Promise<void> {
    const settled: readonly WorkerPhase[] = [...phases, 'done', 'refused', 'left'];
    const { interrupted } = this.terminal;
    while (!interrupted.aborted) {
      await this.beat();
      const waits = this.crew.members.filter(
        ({ state }) => this.crew.isFresh(state) && !settled.includes(state.phase),
      );
      if (waits.length === 0) return;
      await setTimeout(TIMES.beat);
    }
  }

  /** Renews what has to be, and reads how the workers are. @throws UsageError when another coordinator has the run */
  async beat(): Promise<void> {
    await this.lock.renew();
    await this.crew.beat();
    const { client } = this.redis;
    const key = KEYS.run(this.wishes.run);
    // A Redis that came back empty.
    if (this.#stored && (await client.expire(key, RUN_SECONDS)) === 0) {
      await client.set(key, JSON.stringify(this.#stored), 'EX', RUN_SECONDS);
    }
  }

  /** Lets the workers go, and forgets the run when it is of no more use. Takes not longer than a Redis that is well needs. */
  async close(forget: boolean): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.redis.client.status !== 'ready') return;
    await Promise.race([
      this.#letGo(forget).catch(() => undefined),
      setTimeout(TIMES.stale, undefined, { ref: false }),
    ]);
  }

  async #letGo(forget: boolean): Promise<void> {
    const { client } = this.redis;
    // Workers and data are now those of another command.
    if (await this.lock.isLost()) return;
    await this.crew.disband();
    const { run } = this.wishes;
    const slots = Array.from({ length: this.#slots }, (_, slot) => KEYS.report(run, slot));
    if (forget) {
      await client.del(KEYS.run(run), KEYS.job(run), KEYS.slices(run), KEYS.progress(run), ...slots);
    }
    await this.lock.release();
  }

  async #choose(): Promise<WorkerState[]> {
    const { workers, labels } = this.wishes;
    const until = Date.now() + (workers === undefined ? COLLECT_MS : GATHER_MS);
    for (;;) {
      const present = await this.crew.present();
      const free = this.crew.free(present, { labels, refused: new Set() });
      this.#complainOfVersions(present);
      if (free.length >= (workers ?? Infinity)) return free.slice(0, workers);
      if (Date.now() > until || this.terminal.interrupted.aborted) {
        if (workers === undefined && free.length > 0) return free;
        throw new UsageError(this.#shortage(present));
      }
      await setTimeout(TIMES.beat);
    }
  }

  async #dropRefusals(): Promise<void> {
    for (const member of [...this.crew.members]) {
      const { state, token, name } = member;
      const isGone = state.phase === 'left' || !this.crew.isFresh(state);
      if (state.phase !== 'refused' && !isGone) continue;
      const sentence = isGone ? 'It is gone.' : (state.sentence ?? 'It refused.');
      this.#refused.set(token, `Worker ${name}: ${sentence}`);
      this.#untold.push(`Worker ${name}: ${sentence}`);
      await this.crew.leave(member);
    }
  }

  async #fillSlots(): Promise<void> {
    const taken = new Set(this.crew.members.map(({ slot }) => slot));
    const free = Array.from({ length: this.#slots }, (_, slot) => slot).filter((slot) => !taken.has(slot));
    if (free.length === 0) return;
    const { labels } = this.wishes;
    const others = this.crew.free(await this.crew.present(), {
      labels,
      refused: new Set(this.#refused.keys()),
    });
    if (
      others.length === 0 &&
      this.#refused.size > 0 &&
      this.crew.members.every(({ state }) => state.phase === 'opened')
    ) {
      throw new UsageError([...this.#refused.values()].join('\n'));
    }
    for (const [index, slot] of free.entries()) {
      if (others[index]) await this.crew.take(others[index], slot);
    }
    // Where nobody takes its place, the error says it.
    for (const sentence of this.#untold.splice(0)) this.terminal.note(sentence);
  }

  #complainOfVersions(present: readonly WorkerState[]): void {
    for (const { name, token, version: theirs } of present) {
      if (theirs === version || this.#refused.has(token)) continue;
      const sentence = `Worker ${name} has version ${theirs}, and this command version ${version}: it gets nothing.`;
      this.#refused.set(token, sentence);
      this.terminal.note(sentence);
    }
  }

  #shortage(present: readonly WorkerState[]): string {
    const { workers } = this.wishes;
    const free = this.crew.free(present, {
      labels: this.wishes.labels,
      refused: new Set(this.#refused.keys()),
    });
    const busy = present
      .filter(({ phase }) => phase !== 'idle')
      .map(({ name, run }) => `${name} works for ${run}`);
    const wanted = workers === undefined ? 'a worker' : `${workers} worker${workers === 1 ? '' : 's'}`;
    const facts = [...this.#refused.values(), ...busy].join(' ');
    return `The run needs ${wanted}, and ${free.length + this.crew.members.length} can be had. ${facts}`.trim();
  }
}

/** A worker in sentences. */
export function nameOf({ name, state }: Member): string {
  return `Worker ${name} (${state.host})`;
}
