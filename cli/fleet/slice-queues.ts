import type { Queue } from 'bullmq';
import type { GivenSlice } from '../../lib/load';
import { fleetPackages } from './packages';
import type { FleetRedis } from './redis';
import { QUEUE_PREFIX, sliceQueue } from './state';

/** The queues of a run, one for each worker. All use the connection of the command, and none keeps the process. */
export class SliceQueues {
  readonly #queues = new Map<number, Queue>();

  constructor(
    private readonly redis: FleetRedis,
    private readonly run: string,
  ) {
    // Each queue listens to the connection.
    redis.client.setMaxListeners(0);
  }

  /** Hands a slice to its worker; one that is nobody's goes nowhere. */
  async add({ slot, slice }: GivenSlice): Promise<void> {
    if (slot === undefined) return;
    const queue = this.#queues.get(slot) ?? this.#open(slot);
    // The name keeps a slice from being there twice, when a coordinator goes on with the run of another one.
    await queue.add('slice', slice, {
      jobId: `slice-${slice.number}`,
      attempts: 1,
      removeOnComplete: { count: 100 },
      removeOnFail: { count: 100 },
    });
  }

  /** Takes them away, with what nobody has taken out of them. */
  async discard(): Promise<void> {
    await Promise.all(
      [...this.#queues.values()].map(async (queue) => {
        await queue.obliterate({ force: true }).catch(() => undefined);
        await queue.close().catch(() => undefined);
      }),
    );
  }

  #open(slot: number): Queue {
    const { bullmq } = fleetPackages();
    const queue = new bullmq.Queue(sliceQueue(this.run, slot), {
      connection: this.redis.client,
      prefix: QUEUE_PREFIX,
    });
    queue.on('error', () => undefined);
    this.#queues.set(slot, queue);
    return queue;
  }
}
