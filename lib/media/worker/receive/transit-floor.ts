/** The fastest packets are looked for over one to two of these. */
export const WINDOW_S = 5;

/**
 * How long the fastest packets of late take from where they are placed to when they come: the network only ever adds to
 * that, so what changes slowly in it is the drift between two clocks. All in whole samples of one clock.
 */
export class TransitFloor {
  #least = Infinity;
  #leastBefore = Infinity;
  #windowEnd = -Infinity;

  /** A new stream: what was learnt is forgotten. */
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

  /** Everything is placed so much later from now on. */
  moved(by: number): void {
    this.#least -= by;
    this.#leastBefore -= by;
  }
}
