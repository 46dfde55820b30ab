import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { UsageError } from '../arguments';
import { KEYS, TIMES } from './state';

const AGAIN_MS = 500;
/** Renews a lock that is this owner's or nobody's. */
const RENEW = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** That one coordinator at a time has a run. */
export class RunLock {
  readonly #token = randomUUID();

  constructor(
    private readonly redis: Redis,
    private readonly run: string,
  ) {}

  /**
   * Takes the run. One whose coordinator was killed is free after some seconds.
   *
   * @throws UsageError when another coordinator has it
   */
  async take(interrupted: AbortSignal): Promise<void> {
    const key = KEYS.coordinator(this.run);
    for (let leftMs = TIMES.coordinator + 2 * AGAIN_MS; leftMs > 0; leftMs -= AGAIN_MS) {
      if (interrupted.aborted) return;
      if ((await this.redis.set(key, this.#token, 'PX', TIMES.coordinator, 'NX')) !== null) return;
      await setTimeout(AGAIN_MS);
    }
    throw new UsageError(`A run named ${this.run} is under way: give this one another name by --run.`);
  }

  /** @throws UsageError when another coordinator has taken it meanwhile */
  async renew(): Promise<void> {
    // In one step: who was stopped between two would take the run back from another command.
    const renewed = await this.redis.eval(
      RENEW,
      1,
      KEYS.coordinator(this.run),
      this.#token,
      TIMES.coordinator,
    );
    if (renewed !== 1) throw new UsageError(`Another command has taken over the run ${this.run}.`);
  }

  /** Whether another coordinator has taken it meanwhile. */
  async isLost(): Promise<boolean> {
    const owner = await this.redis.get(KEYS.coordinator(this.run));
    return owner !== null && owner !== this.#token;
  }

  async release(): Promise<void> {
    const key = KEYS.coordinator(this.run);
    if ((await this.redis.get(key)) === this.#token) await this.redis.del(key);
  }
}
