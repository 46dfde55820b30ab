/** Relative error of a percentile: the width of a bucket. */
export const HISTOGRAM_ERROR = 0.01;

const GROWTH = Math.log1p(2 * HISTOGRAM_ERROR);
/** Values below this count as it: a microsecond, where the unit is a millisecond. */
const LEAST = 0.001;
const LARGEST = 1e12;

/** A histogram as data: `counts` maps the index of a bucket to what fell into it. */
export interface HistogramData {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Values of 0. */
  zeros: number;
  counts: Record<string, number>;
}

/**
 * A distribution of values from 0 on in buckets that grow by 2 %, so that a percentile is off by 1 % at most. It takes
 * the same memory however many values come: some 1,700 buckets at the very most. Two histograms merge by addition.
 */
export class LogHistogram {
  readonly #counts = new Map<number, number>();
  #zeros = 0;
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  /** Counts a value; what is negative or no number is left out. */
  add(value: number): void {
    if (!(value >= 0)) return;
    const kept = Math.min(value, LARGEST);
    this.#count += 1;
    this.#sum += kept;
    this.#min = Math.min(this.#min, kept);
    this.#max = Math.max(this.#max, kept);
    if (kept === 0) {
      this.#zeros += 1;
      return;
    }
    const bucket = Math.floor(Math.log(Math.max(kept, LEAST) / LEAST) / GROWTH);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }

  get count(): number {
    return this.#count;
  }

  /** Undefined without values. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#min;
  }

  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max;
  }

  /**
   * The value below which the share `quantile` (0 to 1) of all values lies, off by 1 % at most.
   *
   * @returns undefined without values
   */
  quantile(quantile: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(Math.min(1, Math.max(0, quantile)) * this.#count));
    let below = this.#zeros;
    if (rank <= below) return 0;
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      below += this.#counts.get(bucket) ?? 0;
      if (rank <= below) return this.#within(LEAST * Math.exp((bucket + 0.5) * GROWTH));
    }
    return this.#max;
  }

  /** Adds all that another one has counted. */
  merge(other: LogHistogram): void {
    for (const [bucket, count] of other.#counts)
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.#zeros += other.#zeros;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  toJSON(): HistogramData {
    const counts: Record<string, number> = {};
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      counts[bucket] = this.#counts.get(bucket) ?? 0;
    }
    const { min = 0, max = 0 } = this;
    return { count: this.#count, sum: this.#sum, min, max, zeros: this.#zeros, counts };
  }

  static from(data: HistogramData): LogHistogram {
    const histogram = new LogHistogram();
    for (const [bucket, count] of Object.entries(data.counts)) histogram.#counts.set(Number(bucket), count);
    histogram.#zeros = data.zeros;
    histogram.#count = data.count;
    histogram.#sum = data.sum;
    if (data.count > 0) {
      histogram.#min = data.min;
      histogram.#max = data.max;
    }
    return histogram;
  }

  /** A bucket's middle may lie outside of what was seen. */
  #within(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value));
  }
}
