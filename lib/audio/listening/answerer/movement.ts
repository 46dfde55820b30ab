/** Levels beside the mean that are looked at, dB: deeper pauses are all alike, and so are louder clicks. */
const DEEPEST_DB = -20;
const HIGHEST_DB = 10;
/** Hops of 10 ms that are smoothed, and over which a change is measured. */
const SMOOTHED = 5;
const APART = 8;

/**
 * How much a level moves: that of speech goes up and down with each syllable, three to eight times a second, that of most music
 * stays where it is or falls slowly. Nothing is allocated after construction.
 */
export class Movement {
  readonly #newest = new Float64Array(SMOOTHED);
  readonly #smooth = new Float64Array(APART);
  #hops = 0;
  #sum = 0;
  #count = 0;
  /** The same up to the last hop that was confirmed. */
  #confirmedSum = 0;
  #confirmedCount = 0;

  /** Takes the level of the next 10 ms, dB beside the mean. */
  hop(db: number): void {
    this.#newest[this.#hops % SMOOTHED] = Math.max(DEEPEST_DB, Math.min(HIGHEST_DB, db));
    this.#hops++;
    if (this.#hops < SMOOTHED) return;
    let smooth = 0;
    for (const level of this.#newest) smooth += level / SMOOTHED;
    const slot = this.#hops % APART;
    if (this.#hops >= SMOOTHED + APART) {
      this.#sum += Math.abs(smooth - this.#smooth[slot]);
      this.#count++;
    }
    this.#smooth[slot] = smooth;
  }

  /** What came so far counts: something audible follows it. */
  confirm(): void {
    this.#confirmedSum = this.#sum;
    this.#confirmedCount = this.#count;
  }

  /**
   * Mean change, dB; 0 before there is one.
   *
   * @param roomDb distance from the mean to the noise of the line, beneath which no level falls.
   */
  db(roomDb: number): number {
    if (this.#confirmedCount === 0) return 0;
    const room = Math.max(1, Math.min(-DEEPEST_DB, roomDb));
    return (this.#confirmedSum / this.#confirmedCount) * (-DEEPEST_DB / room);
  }
}
