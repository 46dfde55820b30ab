import { type Clock, type TimerHandle, TurnoverMap } from '../../common';

/** Entries that expire within this of each other go together, milliseconds. */
const SWEEP_MS = 250;

/**
 * A map whose entries live for a while after they were set, with one timer for all of them: thousands of
 * transactions wait out their 32 s at the same time, and a timer for each would only keep its memory busy.
 */
export class ExpiringMap<V> {
  /** In the order of setting, which is that of expiry, as long as the life time stays the same. */
  readonly #entries = new TurnoverMap<string, { readonly value: V; readonly until: number }>();
  #timer: TimerHandle | undefined;

  /** @param onExpired told of every value that has lived its time */
  constructor(
    private readonly clock: Clock,
    private readonly onExpired: (value: V) => void = () => undefined,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Keeps a value for `ms` milliseconds, and a quarter of a second more at most. */
  set(key: string, value: V, ms: number): void {
    this.#entries.delete(key);
    // A whole number takes no memory of its own.
    this.#entries.set(key, { value, until: Math.ceil(this.clock.now() + ms) });
    this.#timer ??= this.clock.setTimeout(() => this.#sweep(), ms);
  }

  /** Forgets everything, without telling. */
  clear(): void {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries.clear();
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.clock.now();
    for (const [key, { value, until }] of this.#entries) {
      if (until > now) {
        this.#timer = this.clock.setTimeout(() => this.#sweep(), Math.max(until - now, SWEEP_MS));
        return;
      }
      this.#entries.delete(key);
      this.onExpired(value);
    }
  }
}
