/**
 * Interarrival jitter (RFC 3550, 6.4.1 and A.8), kept in milliseconds: a running estimate of how much the
 * spacing at the receiver differs from the spacing at the sender.
 */
export class JitterEstimator {
  ms = 0;
  #lastTransit = 0;
  #lastTimestamp = 0;
  #primed = false;

  /** Forgets the last packet (a new stream, another clock rate); the estimate is kept. */
  restart(): void {
    this.#primed = false;
  }

  /**
   * @param arrivalMs monotonic arrival time.
   * @param timestamp RTP timestamp; packets that repeat one (events) say nothing and are ignored.
   * @param clockRate of the payload, in Hz.
   */
  accept(arrivalMs: number, timestamp: number, clockRate: number): void {
    if (this.#primed && timestamp === this.#lastTimestamp) return;
    // The difference on the 32-bit circle survives the wrap of the timestamp.
    const advanceMs = this.#primed ? (((timestamp - this.#lastTimestamp) | 0) * 1000) / clockRate : 0;
    const transit = arrivalMs;
    if (this.#primed) {
      const difference = Math.abs(transit - this.#lastTransit - advanceMs);
      this.ms += (difference - this.ms) / 16;
    }
    this.#lastTransit = transit;
    this.#lastTimestamp = timestamp;
    this.#primed = true;
  }
}
