/** How long what waits is looked at before it is corrected: longer than a pause of the peer's thread. */
const WINDOW_S = 2;
/** Share of the frames that must find the ring nearly empty: uneven arrival makes it so now and then. */
const MOST = 0.9;

/**
 * Says when a ring between two clocks has to be read a little faster or slower. The peer's clock differs from ours: in ten
 * minutes at 200 ppm six packets too many or too few come, and a ring that runs dry or over is a hole in the audio. What
 * nearly all frames of the last seconds have found waiting tells it, which uneven arrival does not change.
 */
export class RingPace {
  #least = Number.MAX_SAFE_INTEGER;
  #seen = 0;
  /** Samples of frames that found less than half a cushion. */
  #scarce = 0;
  /** Samples that are still to be taken beyond those that are due; negative: fewer. */
  #left = 0;

  get left(): number {
    return this.#left;
  }

  /** Reading begins: what waited before says nothing. */
  restart(): void {
    this.#least = Number.MAX_SAFE_INTEGER;
    this.#seen = 0;
    this.#scarce = 0;
    this.#left = 0;
  }

  /**
   * Looks at a frame that is about to be read. A correction is as long as a frame, so that what waits begins where packets
   * begin, as before.
   *
   * @param waiting samples that stay in the ring; @param cushion samples that should.
   */
  look(waiting: number, count: number, cushion: number, sampleRate: number): void {
    if (this.#left !== 0) return;
    if (waiting < this.#least) this.#least = waiting;
    if (waiting < cushion / 2) this.#scarce += count;
    this.#seen += count;
    if (this.#seen < WINDOW_S * sampleRate) return;
    const least = this.#least;
    const isScarce = this.#scarce > MOST * this.#seen;
    this.restart();
    if (least > cushion + count) this.#left = count;
    else if (isScarce) this.#left = -count;
  }

  /** So many samples were taken beyond those that were due. */
  took(more: number): void {
    this.#left -= more;
  }
}
