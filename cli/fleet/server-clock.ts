import type { Redis } from 'ioredis';

/** Questions of a measurement; the one that was answered fastest counts. */
const SAMPLES = 5;

/** The clock of the Redis server, which all machines of a fleet share. */
export class ServerClock {
  #offsetMs = 0;

  constructor(private readonly redis: Pick<Redis, 'time'>) {}

  /** Milliseconds that this machine's clock is behind the server's. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Milliseconds since the Unix epoch by the server. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** A time of the server by the clock of this machine. */
  local(serverMs: number): number {
    return serverMs - this.#offsetMs;
  }

  /** Compares the clocks. */
  async measure(): Promise<void> {
    let best: { offsetMs: number; errorMs: number } | undefined;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const began = performance.now();
      const [seconds, micros] = await this.redis.time();
      // Half of the time of the answer: the offset is no further off than that.
      const errorMs = (performance.now() - began) / 2;
      const offsetMs = Number(seconds) * 1000 + Number(micros) / 1000 + errorMs - preciseNow();
      if (!best || errorMs < best.errorMs) best = { offsetMs, errorMs };
    }
    if (best) this.#offsetMs = best.offsetMs;
  }
}

/** `Date.now()` cuts off fractions, which would be an error of half a millisecond. */
function preciseNow(): number {
  return Date.now() + 0.5;
}
