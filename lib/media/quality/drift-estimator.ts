/** First length of a stretch, which its fastest packet stands for: slower ones were delayed by the network. */
const FIRST_WINDOW_MS = 1000;
/** Stretches that are kept. When they are full, two become one of twice the length: a call of any length fits. */
const POINTS = 32;
const PAIRS = (POINTS * (POINTS - 1)) / 2;
/** Shortest span for an estimate: over less, jitter outweighs the drift. */
const LEAST_SPAN_MS = 10_000;
/** Step from one packet to the next that means another time base: hold, another source, a timestamp jump. */
const LEAP_MS = 1000;

// Scratch of the thread, used within one call.
const slopes = new Float64Array(PAIRS);

/**
 * Clock drift between the sender and us. Network delay only ever adds to a packet's transit
 * time, so the fastest packet of each stretch is taken, and the slope through these points is the median of
 * the slopes between all pairs of them (Theil–Sen), which neither single outliers nor one change of the path
 * can move far. Nothing is allocated per packet.
 */
export class DriftEstimator {
  /** Fastest packet of each stretch: when it came and how long it took, from an arbitrary zero. */
  readonly #at = new Float64Array(POINTS);
  readonly #transit = new Float64Array(POINTS);
  #points = 0;
  #windowMs = FIRST_WINDOW_MS;
  #windowEnd = 0;
  #least = Infinity;
  #leastAt = 0;
  #primed = false;
  #baseArrival = 0;
  #lastArrival = 0;
  #lastTimestamp = 0;
  #mediaMs = 0;

  /** Starts a new stream: the points of the old one are dropped. */
  restart(): void {
    this.#primed = false;
    this.#points = 0;
    this.#windowMs = FIRST_WINDOW_MS;
  }

  /**
   * Learns from a packet of audio.
   *
   * @param arrivalMs monotonic.
   * @param timestamp RTP timestamp, 32 bits.
   * @param clockRate of the RTP clock in Hz.
   */
  accept(arrivalMs: number, timestamp: number, clockRate: number): void {
    // Summed up in steps, so that the wrap of the timestamp does not matter.
    const stepMs = (((timestamp - this.#lastTimestamp) | 0) * 1000) / clockRate;
    if (this.#primed && Math.abs(stepMs - (arrivalMs - this.#lastArrival)) > LEAP_MS) this.restart();
    if (this.#primed) this.#mediaMs += stepMs;
    else this.#begin(arrivalMs);
    this.#lastTimestamp = timestamp;
    this.#lastArrival = arrivalMs;
    if (arrivalMs >= this.#windowEnd) this.#closeWindow(arrivalMs);
    const transit = arrivalMs - this.#baseArrival - this.#mediaMs;
    if (transit < this.#least) {
      this.#least = transit;
      this.#leastAt = arrivalMs;
    }
  }

  /**
   * Parts per million by which the peer's clock is slower than ours (negative: faster); undefined in the first
   * ten seconds. Takes some 20 µs: meant for reports, not for every packet.
   */
  get ppm(): number | undefined {
    const points = this.#points;
    if (points < 3 || this.#at[points - 1] - this.#at[0] < LEAST_SPAN_MS - 2 * FIRST_WINDOW_MS)
      return undefined;
    let count = 0;
    for (let i = 0; i < points; i++) {
      for (let j = i + 1; j < points; j++) {
        slopes[count++] = (this.#transit[j] - this.#transit[i]) / (this.#at[j] - this.#at[i]);
      }
    }
    const sorted = slopes.subarray(0, count).sort();
    const middle = count >> 1;
    const median = count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return median * 1e6;
  }

  #begin(arrivalMs: number): void {
    this.#primed = true;
    this.#baseArrival = arrivalMs;
    this.#mediaMs = 0;
    this.#least = Infinity;
    this.#windowEnd = arrivalMs + this.#windowMs;
  }

  #closeWindow(arrivalMs: number): void {
    if (this.#points === POINTS) this.#halve();
    this.#at[this.#points] = this.#leastAt;
    this.#transit[this.#points] = this.#least;
    this.#points++;
    this.#least = Infinity;
    this.#windowEnd = arrivalMs + this.#windowMs;
  }

  /** Of each two stretches the faster point stays. */
  #halve(): void {
    for (let i = 0; i < POINTS / 2; i++) {
      const faster = this.#transit[2 * i] <= this.#transit[2 * i + 1] ? 2 * i : 2 * i + 1;
      this.#at[i] = this.#at[faster];
      this.#transit[i] = this.#transit[faster];
    }
    this.#points = POINTS / 2;
    this.#windowMs *= 2;
  }
}
