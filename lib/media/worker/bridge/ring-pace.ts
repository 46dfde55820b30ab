/** Length of the observation before a correction: longer than a pause of the peer's thread. */
const WINDOW_S = 2;
/** Share of the frames that must find the ring nearly empty: uneven arrival makes it so now and then. */
const MOST = 0.9;

/**
 * Clock drift compensation of a ring: decides when it is read a little faster or slower. At 200 ppm between the clocks
 * six packets too many or too few come in ten minutes, and a ring that runs dry or over is a hole in the audio. It goes
 * by the fill level that nearly all frames of the last seconds have found, which jitter does not change.
 */
export class RingPace {
  #least = Number.MAX_SAFE_INTEGER;
  #seen = 0;
  /** Samples of frames that found less than half a cushion. */
  #scarce = 0;
  /** Correction still to be read, in samples beyond those that are due; negative: fewer. */
  #left = 0;

  get left(): number {
    return this.#left;
  }

  /** Starts a new observation, as reading begins or a correction is decided. */
  restart(): void {
    this.#least = Number.MAX_SAFE_INTEGER;
    this.#seen = 0;
    this.#scarce = 0;
    this.#left = 0;
  }

  /**
   * Takes note of the fill level before a frame is read. A correction is as long as a frame, so that frames stay
   * aligned with packets.
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

  /** Samples were read beyond those that were due: `more` of them. */
  took(more: number): void {
    this.#left -= more;
  }
}
