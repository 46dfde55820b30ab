import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { KEYS, RUN_SECONDS } from './state';
import type { TestResult } from './test-job';

/** A try of a unit that has begun. */
export interface Try {
  by: string;
  startedAt: string;
  left?: boolean;
}

/** What a coordinator keeps so that another one can go on. */
export interface TestProgress {
  /** Of everything that makes two commands the same run. */
  hash: string;
  members: { name: string; token: string; slot: number }[];
}

/** One value of Redis takes so many bytes at most, so that nobody else waits long for it. */
const CHUNK_BYTES = 1 << 20;

/** What Redis keeps of the tests of a run beside its queue: what was tried, what has ended, and the results. */
export class TestStore {
  /** Results that were read. */
  #read = 0;

  constructor(
    private readonly redis: Redis,
    private readonly run: string,
  ) {}

  /** Name of the queue of the run. */
  get queue(): string {
    return `tests-${this.run}`;
  }

  /** Says that the run is there; false when it had been already, and Redis has lost nothing. */
  async mark(): Promise<boolean> {
    const isNew = await this.redis.set(this.#key('mark'), '1', 'EX', RUN_SECONDS, 'NX');
    if (isNew === null) return false;
    this.#read = 0;
    return true;
  }

  async putProgress(progress: TestProgress): Promise<void> {
    await this.redis.set(this.#key('progress'), JSON.stringify(progress), 'EX', RUN_SECONDS);
  }

  async progress(): Promise<TestProgress | undefined> {
    return (
      (JSON.parse((await this.redis.get(this.#key('progress'))) ?? 'null') as TestProgress | null) ??
      undefined
    );
  }

  /** Nothing further of the run begins. */
  async halt(): Promise<void> {
    await this.redis.set(this.#key('halt'), '1', 'EX', RUN_SECONDS);
  }

  async isHalted(): Promise<boolean> {
    return (await this.redis.exists(this.#key('halt'))) === 1;
  }

  /** Whether there is a result of a unit. */
  async hasEnded(key: string): Promise<boolean> {
    return (await this.redis.sismember(this.#key('ended'), key)) === 1;
  }

  /** Tries of a unit so far. */
  async tries(key: string): Promise<Try[]> {
    return JSON.parse((await this.redis.hget(this.#key('tries'), key)) ?? '[]') as Try[];
  }

  async putTries(key: string, tries: readonly Try[]): Promise<void> {
    await this.#pipeline([
      ['hset', this.#key('tries'), key, JSON.stringify(tries)],
      ['expire', this.#key('tries'), RUN_SECONDS],
    ]);
  }

  /** Stores the bytes of a file, or of a result; returns what they are called. */
  async put(bytes: Buffer): Promise<string> {
    const id = randomUUID();
    const key = this.#key(`data:${id}`);
    for (let at = 0; at === 0 || at < bytes.length; at += CHUNK_BYTES) {
      await this.redis.rpush(key, bytes.subarray(at, at + CHUNK_BYTES));
    }
    await this.redis.expire(key, RUN_SECONDS);
    return id;
  }

  /** Undefined when they are not there any more. */
  async get(id: string): Promise<Buffer | undefined> {
    const key = this.#key(`data:${id}`);
    const chunks: Buffer[] = [];
    for (;;) {
      const chunk = await this.redis.lindexBuffer(key, chunks.length);
      if (!chunk) break;
      chunks.push(chunk);
    }
    return chunks.length === 0 ? undefined : Buffer.concat(chunks);
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.redis.unlink(ids.map((id) => this.#key(`data:${id}`)));
  }

  /** Tells a result; from now on its unit has ended. */
  async tell(result: TestResult): Promise<void> {
    const id = await this.put(Buffer.from(JSON.stringify(result)));
    await this.#pipeline([
      ['rpush', this.#key('results'), id],
      ['sadd', this.#key('ended'), result.key],
      ['expire', this.#key('results'), RUN_SECONDS],
      ['expire', this.#key('ended'), RUN_SECONDS],
    ]);
  }

  /** Results that were told since the last time. */
  async next(): Promise<{ id: string; result: TestResult }[]> {
    const ids = await this.redis.lrange(this.#key('results'), this.#read, -1);
    this.#read += ids.length;
    const found: { id: string; result: TestResult }[] = [];
    for (const id of ids) {
      const bytes = await this.get(id);
      if (bytes) found.push({ id, result: JSON.parse(bytes.toString()) as TestResult });
    }
    return found;
  }

  /** Removes everything but data under ids of its own. */
  async forget(): Promise<void> {
    const ids = await this.redis.lrange(this.#key('results'), 0, -1);
    await this.remove(ids);
    const names = ['mark', 'progress', 'halt', 'ended', 'tries', 'results'];
    await this.redis.del(names.map((name) => this.#key(name)));
    this.#read = 0;
  }

  #key(name: string): string {
    return `${KEYS.run(this.run)}:tests:${name}`;
  }

  async #pipeline(commands: (string | number)[][]): Promise<void> {
    const replies = await this.redis.multi(commands).exec();
    const fault = replies?.find(([error]) => error)?.[0];
    if (fault) throw fault;
  }
}
