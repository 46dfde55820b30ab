import type { DeadTargets } from './dead-targets';
import type { Destination } from './types';

/**
 * Goes through the destinations of one request, or of everything that should stay with one server
 * while it works (a registration, a dialog without Record-Route). RFC 3263, 4.3: move on after a
 * transport fault, a time-out without any response, or a 503; each try is a new transaction.
 */
export class FailOver {
  #index = 0;

  constructor(
    /** All of them, best first. */
    readonly destinations: readonly Destination[],
    private readonly dead: DeadTargets,
  ) {}

  /** Destination to send to now; undefined when every one failed. */
  get current(): Destination | undefined {
    return this.destinations[this.#index];
  }

  /** Whether there is another one after the current. */
  get hasNext(): boolean {
    return this.#index + 1 < this.destinations.length;
  }

  /**
   * How long the current destination may say nothing before the next one gets its chance (RFC 3263, 4.3, lets us
   * choose): as long as the transaction lasts when undefined.
   *
   * @param failOverMs of the phone; 0: as long as the transaction lasts
   */
  patienceMs(failOverMs: number): number | undefined {
    return this.hasNext && failOverMs > 0 ? failOverMs : undefined;
  }

  /** Destinations that were given up. */
  get failures(): number {
    return this.#index;
  }

  /**
   * The current destination failed: avoid it for a while and go on.
   *
   * @param retryAfterMs from a 503's `Retry-After`
   * @returns the next one, undefined when none is left
   */
  failed(retryAfterMs?: number): Destination | undefined {
    const { current } = this;
    if (!current) return undefined;
    this.dead.mark(current, retryAfterMs);
    this.#index += 1;
    return this.current;
  }

  /** The current destination answered. */
  succeeded(): void {
    if (this.current) this.dead.clear(this.current);
  }
}
