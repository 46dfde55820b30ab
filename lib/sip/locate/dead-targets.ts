import type { Clock } from '../../common';
import { LOCATE_LIMITS } from './limits';
import type { Destination } from './types';

/**
 * A short memory of destinations that did not answer, so that the next request does not wait for the
 * same dead server again (RFC 3263, 4.3). They are tried last, not never: when all are dead, one of
 * them may be back.
 */
export class DeadTargets {
  readonly #until = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** @param ms how long to avoid it: `Retry-After` of a 503, at most ten minutes; 30 s when absent */
  mark(destination: Destination, ms: number = LOCATE_LIMITS.deadMs): void {
    const key = keyOf(destination);
    const bounded = Math.min(Math.max(ms, 0), LOCATE_LIMITS.maxDeadMs);
    this.#until.delete(key);
    this.#until.set(key, this.clock.now() + bounded);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= LOCATE_LIMITS.deadTargets) break;
      this.#until.delete(oldest);
    }
  }

  /** The destination has answered: it is alive again. */
  clear(destination: Destination): void {
    this.#until.delete(keyOf(destination));
  }

  isDead(destination: Destination): boolean {
    return this.#deadUntil(destination) > this.clock.now();
  }

  /** Destinations that are alive, in their order, then the dead ones by the end of their time. */
  sort(destinations: readonly Destination[]): Destination[] {
    const alive = destinations.filter((each) => !this.isDead(each));
    const dead = destinations.filter((each) => this.isDead(each));
    return [...alive, ...dead.sort((a, b) => this.#deadUntil(a) - this.#deadUntil(b))];
  }

  #deadUntil(destination: Destination): number {
    return this.#until.get(keyOf(destination)) ?? -Infinity;
  }
}

function keyOf({ transport, address, port }: Destination): string {
  return `${transport} ${address} ${port}`;
}
