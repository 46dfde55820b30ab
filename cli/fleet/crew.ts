import type { Redis } from 'ioredis';
import { version } from '../../package.json';
import { KEYS, TIMES, type Claim, type WorkerState } from './state';
import type { ServerClock } from './server-clock';

/** A worker that a run has. */
export interface Member {
  readonly name: string;
  readonly token: string;
  readonly slot: number;
  /** What it said last. */
  state: WorkerState;
}

/** Which workers a run may take. */
export interface Wanted {
  readonly labels: Readonly<Record<string, string>>;
  /** Names of workers that have refused it. */
  readonly refused: ReadonlySet<string>;
}

/** The workers of one run: takes them, tells them what to do, and hears how they are. */
export class Crew {
  readonly members: Member[] = [];
  #order: Pick<Claim, 'order' | 'beginAt'> = { order: 'open' };
  /** When Redis last answered, by its clock. */
  #answeredAt = 0;
  /** Redis did not answer from then on, and up to then nothing is known of the workers. */
  #blind = { from: 0, until: 0 };

  constructor(
    private readonly redis: Redis,
    private readonly clock: ServerClock,
    private readonly run: string,
    private readonly slots: () => number,
  ) {}

  /** All workers that are there. */
  async present(): Promise<WorkerState[]> {
    const names = await this.redis.smembers(KEYS.workers);
    if (names.length === 0) return [];
    const states = await this.redis.mget(names.sort().map(KEYS.worker));
    return states
      .flatMap((text) => (text === null ? [] : [JSON.parse(text) as WorkerState]))
      .filter((state) => this.isFresh(state));
  }

  /** Whether a worker was heard of lately. One that Redis could not tell of is taken to be as it was. */
  isFresh({ at }: WorkerState): boolean {
    const now = this.clock.now();
    return now - at < TIMES.stale || (now < this.#blind.until && this.#blind.from - at < TIMES.stale);
  }

  /** Workers of this version that do nothing. */
  free(present: readonly WorkerState[], { labels, refused }: Wanted): WorkerState[] {
    return present.filter(
      (state) =>
        state.phase === 'idle' &&
        state.version === version &&
        !refused.has(state.token) &&
        Object.entries(labels).every(([name, value]) => state.labels[name] === value),
    );
  }

  /** Takes a worker, unless another run was faster. */
  async take(state: WorkerState, slot: number): Promise<boolean> {
    const { name, token } = state;
    const claim = JSON.stringify(this.#claim(token, slot));
    const isTaken = await this.redis.set(KEYS.claim(name), claim, 'PX', TIMES.claim, 'NX');
    if (isTaken === null) return false;
    this.members.push({ name, token, slot, state });
    return true;
  }

  /** A worker that another coordinator of the run has taken; without state when it is gone. */
  adopt(
    { name, token, slot }: Pick<Member, 'name' | 'token' | 'slot'>,
    state: WorkerState | undefined,
  ): void {
    const gone = {
      at: 0,
      offsetMs: 0,
      phase: 'running',
      version,
      nodeVersion: '',
      nodeRed: '',
      host: '?',
      labels: {},
    };
    this.members.push({ name, token, slot, state: state ?? ({ ...gone, name, token } as WorkerState) });
  }

  /** Frees workers that a coordinator of this run took before it was killed, and that had not begun. */
  async release(present: readonly WorkerState[]): Promise<void> {
    const mine = present.filter(({ run }) => run === this.run);
    await Promise.all(mine.map((state) => this.#tell({ ...state, slot: 0, state }, 'leave')));
  }

  /** Lets a worker go. */
  async leave(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1);
    await this.#tell(member, 'leave');
  }

  /** Lets all go. */
  async disband(): Promise<void> {
    await Promise.all(this.members.map((member) => this.#tell(member, 'leave')));
  }

  /** What all are to do from now on. */
  async order(order: Claim['order'], beginAt?: number): Promise<void> {
    this.#order = { order, ...(beginAt === undefined ? {} : { beginAt }) };
    await this.beat();
  }

  /** Renews the claims, and reads what the workers say. */
  async beat(): Promise<void> {
    if (this.members.length === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { name, token, slot } of this.members) {
      pipeline.set(KEYS.claim(name), JSON.stringify(this.#claim(token, slot)), 'PX', TIMES.claim);
    }
    pipeline.mget(this.members.map(({ name }) => KEYS.worker(name)));
    const replies = await pipeline.exec();
    const texts = (replies?.at(-1)?.[1] ?? []) as (string | null)[];
    for (const [index, text] of texts.entries()) {
      const state = text === null ? undefined : (JSON.parse(text) as WorkerState);
      const member = this.members[index];
      if (state?.token === member.token) member.state = state;
    }
    const fault = replies?.find(([error]) => error)?.[0];
    if (fault) throw fault;
    this.#noteAnswer();
  }

  /** After a time without answers the workers have some to tell of themselves again. */
  #noteAnswer(): void {
    const now = this.clock.now();
    if (this.#answeredAt > 0 && now - this.#answeredAt > TIMES.silence) {
      this.#blind = { from: this.#answeredAt, until: now + TIMES.stale };
    }
    this.#answeredAt = now;
  }

  #claim(token: string, slot: number): Claim {
    return { run: this.run, token, slot, slots: this.slots(), ...this.#order };
  }

  async #tell({ name, token, slot }: Member, order: Claim['order']): Promise<void> {
    const claim = { ...this.#claim(token, slot), order };
    // It hears it within a beat; then the claim is of no use.
    await this.redis.set(KEYS.claim(name), JSON.stringify(claim), 'PX', TIMES.stale);
  }
}
