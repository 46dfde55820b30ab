import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LoadSample } from '../../lib/load';
import { version } from '../../package.json';
import { UsageError } from '../arguments';
import { safeText } from '../safe-text';
import type { NodeRedFound } from '../test/find-node-red';
import { openBundle } from './bundle';
import type { FleetLoad, FleetRun } from './load-job';
import { LoadSession } from './load-session';
import { redisSentence, type FleetRedis } from './redis';
import { ServerClock } from './server-clock';
import { KEYS, TIMES, type Claim, type WorkerPhase, type WorkerState } from './state';
import type { FleetTests } from './test-job';
import { TestSession } from './test-session';

/** What a worker is made of. */
export interface WorkerSetup {
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Address of this machine that its calls come from. */
  readonly source?: string | undefined;
  readonly userDir?: string | undefined;
  readonly nodeRed: NodeRedFound;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for people. */
  readonly log: (line: string) => void;
}

/** Seconds of a load that a state shows. */
const SAMPLES = 4;
/** Between two comparisons of the clocks. */
const MEASURE_MS = 10_000;
const INTERRUPT_MS = 15_000;

/** A machine of a fleet: says that it is there, and does what the coordinator of a run wants of it. */
export class FleetWorker {
  readonly #clock: ServerClock;
  readonly #token = randomUUID();
  #phase: WorkerPhase = 'idle';
  #details: Pick<WorkerState, 'run' | 'sentence' | 'cases'> = {};
  #advice: string[] = [];
  #samples: LoadSample[] = [];
  #session: LoadSession | TestSession | undefined;
  #folder: string | undefined;
  #order: Claim['order'] | undefined;
  /** When the claim of the run was last seen. */
  #claimedAt = 0;
  #measuredAt = 0;
  /** Steps of a run, one after the other. */
  #steps: Promise<void> = Promise.resolve();
  #fault: string | undefined;

  constructor(
    private readonly redis: FleetRedis,
    private readonly setup: WorkerSetup,
  ) {
    this.#clock = new ServerClock(redis.client);
  }

  /**
   * Works until it is interrupted; calls that stand are ended then.
   *
   * @throws UsageError when another worker has the name
   */
  async run(interrupted: AbortSignal): Promise<void> {
    const { name, log } = this.setup;
    await this.#clock.measure();
    const known = JSON.parse(
      (await this.redis.client.get(KEYS.worker(name))) ?? 'null',
    ) as WorkerState | null;
    if (known && known.phase !== 'left' && this.#clock.now() - known.at < TIMES.stale) {
      throw new UsageError(`There is a worker ${name} on ${known.host} already: name this one by --name.`);
    }
    log(`Worker ${name}, version ${version}, waits for runs.`);
    const aborted = new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
    while (!interrupted.aborted) {
      // A Redis that is away keeps nobody from leaving.
      await Promise.race([this.#beat(), aborted]);
      await pause(TIMES.beat, interrupted);
    }
    await this.#leave();
  }

  /** Ends everything at once. */
  kill(): void {
    this.#session?.kill();
  }

  /** Says what it does, and reads what it is to do. */
  async #beat(): Promise<void> {
    const { client } = this.redis;
    const { name } = this.setup;
    try {
      if (Date.now() - this.#measuredAt > MEASURE_MS) {
        this.#measuredAt = Date.now();
        await this.#clock.measure();
      }
      const replies = await client
        .pipeline()
        .set(KEYS.worker(name), JSON.stringify(this.#state()), 'PX', TIMES.state)
        .sadd(KEYS.workers, name)
        .get(KEYS.claim(name))
        .exec();
      const [noClaim, claim] = replies?.[2] ?? [];
      // A Redis that is full takes no state, and still says what is to be done.
      if (!noClaim) this.#obey(JSON.parse((claim as string | null | undefined) ?? 'null') as Claim | null);
      const fault = replies?.find(([error]) => error)?.[0];
      if (fault) throw fault;
      this.#fault = undefined;
    } catch (error) {
      // This end has closed the connection.
      if (client.status === 'end') return;
      const sentence = redisSentence(error);
      // Once is enough.
      if (sentence !== this.#fault) this.setup.log(sentence);
      this.#fault = sentence;
    }
  }

  #state(): WorkerState {
    const { name, labels, nodeRed } = this.setup;
    return {
      name,
      token: this.#token,
      version,
      nodeVersion: process.versions.node,
      nodeRed: nodeRed.version,
      host: hostname(),
      labels,
      at: this.#clock.now(),
      offsetMs: this.#clock.offsetMs,
      phase: this.#phase,
      ...this.#details,
      advice: this.#advice,
      samples: this.#samples,
      ...(this.#session instanceof TestSession ? { testing: this.#session.running } : {}),
    };
  }

  #obey(claim: Claim | null): void {
    const { run } = this.#details;
    const isMine = claim?.token === this.#token && (run === undefined || claim.run === run);
    if (!claim || !isMine) {
      if (run === undefined) return;
      // Its coordinator is gone, and may come back.
      const isOver = claim !== null || Date.now() - this.#claimedAt > TIMES.orphan;
      if (isOver && this.#order !== 'leave')
        this.#take({ order: 'leave', run, token: '', slot: 0, slots: 1 });
      return;
    }
    this.#claimedAt = Date.now();
    if (claim.order !== this.#order) this.#take(claim);
  }

  /** Does the next step of a run when the one before is done; the end of calls does not wait. */
  #take(claim: Claim): void {
    this.#order = claim.order;
    if (claim.order === 'abort' || claim.order === 'leave') this.#session?.abort();
    this.#steps = this.#steps
      .then(() => this.#step(claim))
      .catch((error: unknown) => this.#refuse(error instanceof Error ? error.message : String(error)));
  }

  async #step(claim: Claim): Promise<void> {
    const { run, order } = claim;
    if (order === 'leave') return this.#endSession();
    if (this.#phase === 'refused') return;
    if (order === 'open') {
      this.#details = { run };
      this.setup.log(`Run ${run}: worker ${claim.slot + 1} of ${claim.slots}.`);
      this.#phase = 'opening';
      const session = await this.#open(claim);
      this.#session = session;
      this.#details = { run, cases: session.cases };
      this.#phase = 'opened';
    } else if (order === 'prepare') {
      this.#phase = 'preparing';
      const job = JSON.parse((await this.redis.client.get(KEYS.job(run))) ?? 'null') as FleetLoad | null;
      if (!job) throw new UsageError('Redis no longer has the plan of the run.');
      const session = this.#session;
      if (!(session instanceof LoadSession)) return;
      await session.prepare({ ...job, slot: claim.slot }, INTERRUPT_MS);
      this.#phase = 'prepared';
      void this.#watch(session);
    } else if (order === 'go' && claim.beginAt !== undefined && this.#session instanceof LoadSession) {
      this.#session.go(claim.beginAt);
      if (this.#phase === 'prepared') this.#phase = 'running';
    }
  }

  async #open(claim: Claim): Promise<LoadSession | TestSession> {
    const { run } = claim;
    const { setup, redis } = this;
    const stored = JSON.parse((await redis.client.get(KEYS.run(run))) ?? 'null') as FleetRun | null;
    if (!stored) throw new UsageError('Redis no longer has the run.');
    if (stored.version !== version) {
      throw new UsageError(`The run is of version ${stored.version}, and this worker of version ${version}.`);
    }
    this.#folder = mkdtempSync(join(tmpdir(), 'sipflow-worker-'));
    const { tests } = stored;
    if (tests) return this.#openTests(claim, { ...stored, tests });
    const [bundle] = stored.bundles;
    const file = await openBundle(redis.client, bundle, this.#folder);
    const flowSetup = {
      nodeRed: setup.nodeRed,
      env: { ...bundle.env, ...setup.env },
      userDir: setup.userDir,
      outputFolder: this.#folder,
      source: setup.source,
      needs: stored.needs,
      log: () => undefined,
    };
    const listener = {
      sample: (sample: LoadSample): void => {
        this.#samples = [...this.#samples, sample].slice(-SAMPLES);
      },
      advice: (sentence: string): void => void this.#advice.push(sentence),
      note: (sentence: string): void => setup.log(safeText(sentence)),
    };
    return LoadSession.open(claim, file, flowSetup, { redis, clock: this.#clock, listener });
  }

  #openTests(claim: Claim, stored: FleetRun & { tests: FleetTests }): TestSession {
    const { setup, redis } = this;
    const { nodeRed, env, userDir, source, name } = setup;
    return new TestSession(
      claim,
      stored,
      { nodeRed, env, userDir },
      {
        name,
        redis,
        clock: this.#clock,
        folder: this.#folder ?? tmpdir(),
        source,
        note: (sentence) => setup.log(safeText(sentence)),
        refuse: (sentence) => this.#refuse(sentence),
      },
    );
  }

  /** Waits for the end of the load. */
  async #watch(session: LoadSession): Promise<void> {
    try {
      await session.finished();
      if (this.#session === session) this.#phase = 'done';
    } catch (error) {
      if (this.#session === session) this.#refuse((error as Error).message);
    }
  }

  #refuse(sentence: string): void {
    this.setup.log(safeText(sentence));
    this.#details = { ...this.#details, sentence };
    this.#phase = 'refused';
  }

  async #endSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
    const { run } = this.#details;
    this.#folder = this.#order = undefined;
    this.#details = {};
    this.#advice = [];
    this.#samples = [];
    this.#phase = 'idle';
    if (run !== undefined) this.setup.log(`Run ${run} is over.`);
  }

  /** Ends the calls, says what is known of them, and that it is no longer there. */
  async #leave(): Promise<void> {
    const { client } = this.redis;
    const { name } = this.setup;
    const session = this.#session;
    session?.abort(true);
    const ended = new AbortController();
    if (session) {
      await Promise.race([session.finished().catch(() => undefined), pause(INTERRUPT_MS, ended.signal)]);
    }
    this.#details = { ...this.#details, sentence: 'it was stopped, and ended its calls' };
    const left: WorkerState = { ...this.#state(), phase: 'left' };
    await this.#endSession();
    if (client.status !== 'ready') return ended.abort();
    const told = client
      .pipeline()
      .set(KEYS.worker(name), JSON.stringify(left), 'PX', TIMES.state)
      .srem(KEYS.workers, name)
      .exec()
      .catch(() => undefined);
    await Promise.race([told, pause(TIMES.stale, ended.signal)]);
    // A timer that goes on would keep the process.
    ended.abort();
  }
}

/** Waits for so long, or until the signal. */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}
