/** The fastest packets are looked for over one to two of these. */
export const WINDOW_S = 5;

/**
 * Least transit time of the recent packets, from their position to their arrival: the network only ever adds to it, so
 * its slow change is the drift between the two clocks. All in whole samples of one clock.
 */
export class TransitFloor {
  #least = Infinity;
  #leastBefore = Infinity;
  #windowEnd = -Infinity;

  /** Starts a new stream. */
  restart(): void {
    this.#least = Infinity;
    this.#leastBefore = Infinity;
    this.#windowEnd = -Infinity;
  }

  /** @param transit of a packet, negative when it came before its place; @param arrival when it came. */
  accept(transit: number, arrival: number, sampleRate: number): void {
    if (arrival >= this.#windowEnd) {
      this.#leastBefore = this.#least;
      this.#least = transit;
      this.#windowEnd = arrival + WINDOW_S * sampleRate;
    } else if (transit < this.#least) {
      this.#least = transit;
    }
  }

  /** Transit of the fastest packets; 0 before the first one. */
  get value(): number {
    const least = this.#least < this.#leastBefore ? this.#least : this.#leastBefore;
    return least === Infinity ? 0 : least;
  }

  /** Positions are `by` samples later from now on. */
  moved(by: number): void {
    this.#least -= by;
    this.#leastBefore -= by;
  }
}
