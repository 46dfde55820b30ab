/** Longest step of a countdown, milliseconds. */
const STEP_MS = 1000;

/**
 * A time limit that counts only while this process runs: one that was stopped for a minute (SIGSTOP, a suspended
 * machine) has heard nothing meanwhile, which is not the fault of those that it waits for.
 */
export class Patience {
  readonly #stepMs: number;
  #leftMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param act is called when `ms` have passed since the last `renew` */
  constructor(
    private readonly ms: number,
    private readonly act: () => void,
  ) {
    this.#stepMs = Math.min(STEP_MS, ms);
  }

  /** Counts from the beginning. */
  renew(): void {
    this.#leftMs = this.ms;
    this.#timer ??= setInterval(() => this.#step(), this.#stepMs);
  }

  /** Counts no further. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #step(): void {
    this.#leftMs -= this.#stepMs;
    if (this.#leftMs > 0) return;
    this.end();
    this.act();
  }
}
