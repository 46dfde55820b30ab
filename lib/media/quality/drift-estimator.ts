import { Cells, InCells, memory } from '../memory/cells';

/** First length of a stretch, which its fastest packet stands for: slower ones were delayed by the network. */
const FIRST_WINDOW_MS = 1000;
/** Stretches that are kept. When they are full, two become one of twice the length: a call of any length fits. */
const POINTS = 32;
const PAIRS = (POINTS * (POINTS - 1)) / 2;
/** Shortest span for an estimate: over less, jitter outweighs the drift. */
const LEAST_SPAN_MS = 10_000;
/** Step from one packet to the next that means another time base: hold, another source, a timestamp jump. */
const LEAP_MS = 1000;

/** Numbers: the base of the clock, the last packet, and the fastest one of the open stretch. Then words. */
const BASE = 0;
const ARRIVAL = 1;
const MEDIA_MS = 2;
const LEAST = 3;
const LEAST_AT = 4;
const WINDOW_END = 5;
const TIMESTAMP = 12;
const PRIMED = 13;
export const DRIFT_CELLS = 7;

// Scratch of the thread, used within one call.
const slopes = new Float64Array(PAIRS);

/**
 * Clock drift between the sender and us. Network delay only ever adds to a packet's transit
 * time, so the fastest packet of each stretch is taken, and the slope through these points is the median of
 * the slopes between all pairs of them (Theil–Sen), which neither single outliers nor one change of the path
 * can move far. Nothing is allocated per packet.
 */
export class DriftEstimator extends InCells {
  /** Fastest packet of each stretch: when it came and how long it took, from an arbitrary zero. */
  readonly #at = new Float64Array(POINTS);
  readonly #transit = new Float64Array(POINTS);
  #points = 0;
  #windowMs = FIRST_WINDOW_MS;

  constructor(cells = new Cells(DRIFT_CELLS), place = 0) {
    super(cells, place);
    memory.numbers[this.at + LEAST] = Infinity;
  }

  /** Starts a new stream: the points of the old one are dropped. */
  restart(): void {
    memory.words[2 * this.at + PRIMED] = 0;
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
    if (!noteDrift(this.at, arrivalMs, timestamp, clockRate))
      this.acceptRare(arrivalMs, timestamp, clockRate);
  }

  /** As `accept`, for what `noteDrift` left to do. */
  acceptRare(arrivalMs: number, timestamp: number, clockRate: number): void {
    const { numbers, words } = memory;
    const { at } = this;
    // Summed up in steps, so that the wrap of the timestamp does not matter.
    const stepMs = (((timestamp - words[2 * at + TIMESTAMP]) | 0) * 1000) / clockRate;
    const isPrimed = words[2 * at + PRIMED] !== 0;
    if (isPrimed && Math.abs(stepMs - (arrivalMs - numbers[at + ARRIVAL])) > LEAP_MS) this.restart();
    if (words[2 * at + PRIMED] !== 0) numbers[at + MEDIA_MS] += stepMs;
    else this.#begin(arrivalMs);
    words[2 * at + TIMESTAMP] = timestamp;
    numbers[at + ARRIVAL] = arrivalMs;
    if (arrivalMs >= numbers[at + WINDOW_END]) this.#closeWindow(arrivalMs);
    noteFastest(at, arrivalMs);
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
    const { numbers, words } = memory;
    words[2 * this.at + PRIMED] = 1;
    numbers[this.at + BASE] = arrivalMs;
    numbers[this.at + MEDIA_MS] = 0;
    numbers[this.at + LEAST] = Infinity;
    numbers[this.at + WINDOW_END] = arrivalMs + this.#windowMs;
  }

  #closeWindow(arrivalMs: number): void {
    if (this.#points === POINTS) this.#halve();
    const { numbers } = memory;
    this.#at[this.#points] = numbers[this.at + LEAST_AT];
    this.#transit[this.#points] = numbers[this.at + LEAST];
    this.#points++;
    numbers[this.at + LEAST] = Infinity;
    numbers[this.at + WINDOW_END] = arrivalMs + this.#windowMs;
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

/**
 * Learns from a packet as `DriftEstimator.accept` does, without a look at the estimator; returns false, and has done
 * nothing, when that has more to do: a stream or a stretch begins.
 *
 * @param at cells of the estimator.
 */
export function noteDrift(at: number, arrivalMs: number, timestamp: number, clockRate: number): boolean {
  const { numbers, words } = memory;
  if (words[2 * at + PRIMED] === 0 || arrivalMs >= numbers[at + WINDOW_END]) return false;
  const stepMs = (((timestamp - words[2 * at + TIMESTAMP]) | 0) * 1000) / clockRate;
  if (Math.abs(stepMs - (arrivalMs - numbers[at + ARRIVAL])) > LEAP_MS) return false;
  numbers[at + MEDIA_MS] += stepMs;
  words[2 * at + TIMESTAMP] = timestamp;
  numbers[at + ARRIVAL] = arrivalMs;
  noteFastest(at, arrivalMs);
  return true;
}

function noteFastest(at: number, arrivalMs: number): void {
  const { numbers } = memory;
  const transit = arrivalMs - numbers[at + BASE] - numbers[at + MEDIA_MS];
  if (transit >= numbers[at + LEAST]) return;
  numbers[at + LEAST] = transit;
  numbers[at + LEAST_AT] = arrivalMs;
}
