/** The fastest packet of such a stretch stands for it: what is slower was delayed by the network. */
const WINDOW_MS = 5000;

/**
 * How much faster or slower the sender's clock runs than ours, from the trend of the least transit time
 * per five seconds. Positive = the sender is slow: its audio takes longer than its timestamps say.
 */
export class DriftEstimator {
  #baseArrival = 0;
  #elapsedMs = 0;
  #lastTimestamp = 0;
  #primed = false;
  #windowStart = 0;
  #windowLeast = Infinity;
  #windowLeastAt = 0;
  #first: { transit: number; at: number } | undefined;
  #latest: { transit: number; at: number } | undefined;

  /** Parts per million, or undefined before two whole windows. */
  get ppm(): number | undefined {
    if (!this.#first || !this.#latest || this.#latest.at === this.#first.at) return undefined;
    return ((this.#latest.transit - this.#first.transit) / (this.#latest.at - this.#first.at)) * 1e6;
  }

  /** A new stream: what was learned of the old one is forgotten. */
  restart(): void {
    this.#primed = false;
    this.#first = undefined;
    this.#latest = undefined;
  }

  accept(arrivalMs: number, timestamp: number, clockRate: number): void {
    if (!this.#primed) {
      this.#primed = true;
      this.#baseArrival = arrivalMs;
      this.#elapsedMs = 0;
      this.#lastTimestamp = timestamp;
      this.#beginWindow(arrivalMs);
    }
    // Summed up in steps, so that the wrap of the timestamp after six days does not matter.
    this.#elapsedMs += (((timestamp - this.#lastTimestamp) | 0) * 1000) / clockRate;
    this.#lastTimestamp = timestamp;
    if (arrivalMs - this.#windowStart >= WINDOW_MS) {
      this.#latest = { transit: this.#windowLeast, at: this.#windowLeastAt };
      this.#first ??= this.#latest;
      this.#beginWindow(arrivalMs);
    }
    const transit = arrivalMs - this.#baseArrival - this.#elapsedMs;
    if (transit >= this.#windowLeast) return;
    this.#windowLeast = transit;
    this.#windowLeastAt = arrivalMs;
  }

  #beginWindow(now: number): void {
    this.#windowStart = now;
    this.#windowLeast = Infinity;
  }
}
