const BINS = 128;
/** Width of a bin in milliseconds; the last bin takes everything beyond. */
const BIN_MS = 4;
/** A packet's weight fades by this factor with each further packet: half of it after 173 packets, 3.5 s. */
const FORGET = 0.996;
/** Weight at which all are scaled down, far below the overflow of a double; only ratios of weights matter. */
const RENORMALISE_AT = 1e200;

/** Histogram of the delay of recent packets above that of the fastest ones, for quantiles. */
export class DelayHistogram {
  readonly #bins = new Float64Array(BINS);
  #total = 0;
  /** The highest bin that has anything: above it there is nothing to look at. */
  #top = 0;
  /** Instead of letting every bin fade, each packet weighs more than the one before. */
  #weight = 1;

  clear(): void {
    this.#bins.fill(0);
    this.#total = 0;
    this.#top = 0;
    this.#weight = 1;
  }

  /** @param delayMs above the fastest packets in whole milliseconds, 0 or more. */
  add(delayMs: number): void {
    const bin = Math.min(BINS - 1, Math.floor(delayMs / BIN_MS));
    this.#bins[bin] += this.#weight;
    if (bin > this.#top) this.#top = bin;
    this.#total += this.#weight;
    this.#weight /= FORGET;
    if (this.#weight > RENORMALISE_AT) this.#renormalise();
  }

  /** Upper edge in milliseconds of the bin below which that share (0–1) of the recent packets lies. */
  quantile(share: number): number {
    let left = this.#total * (1 - share);
    for (let bin = this.#top; bin > 0; bin--) {
      left -= this.#bins[bin];
      if (left < 0) return (bin + 1) * BIN_MS;
    }
    return BIN_MS;
  }

  #renormalise(): void {
    for (let bin = 0; bin < BINS; bin++) this.#bins[bin] /= this.#weight;
    this.#total /= this.#weight;
    this.#weight = 1;
  }
}
