/** Blocks that a level is smoothed over, as a share of the new one: dips of 30 ms count. */
const SMOOTHING = 0.35;
/** The floor is the least level of this many sub-windows of so many blocks: 2 s in all. */
const SUB_WINDOWS = 10;
const SUB_WINDOW_BLOCKS = 20;
/** What the least level lies below the mean of the same noise, dB. */
const BIAS_DB = 2;
/** Limits of the floor, dBFS: what is louder than the upper one is never taken for noise, however steady it is. */
const LOWEST_DBFS = -80;
const HIGHEST_DBFS = -32;

/**
 * Level of the noise behind speech: the least level of the last two seconds, since speech pauses that often and noise
 * does not. It falls at once and rises slowly.
 */
export class NoiseFloor {
  #smoothed: number;
  #current = Infinity;
  #blocks = 0;
  #next = 0;
  #least: number;
  readonly #minima: Float64Array;

  /** @param startDbfs what is assumed until the audio shows it. */
  constructor(startDbfs: number) {
    this.#least = startDbfs;
    this.#smoothed = startDbfs;
    this.#minima = new Float64Array(SUB_WINDOWS).fill(startDbfs - BIAS_DB);
  }

  /** dBFS. */
  get dbfs(): number {
    const floor = (this.#current < this.#least ? this.#current : this.#least) + BIAS_DB;
    return Math.min(HIGHEST_DBFS, Math.max(LOWEST_DBFS, floor));
  }

  /** The audio is noise of that level. */
  assume(dbfs: number): void {
    this.#minima.fill(dbfs - BIAS_DB);
    this.#least = dbfs - BIAS_DB;
    this.#smoothed = dbfs - BIAS_DB;
    this.#current = Infinity;
    this.#blocks = 0;
  }

  /** Takes the level of the next block. */
  accept(levelDbfs: number): void {
    this.#smoothed += SMOOTHING * (levelDbfs - this.#smoothed);
    if (this.#smoothed < this.#current) this.#current = this.#smoothed;
    if (++this.#blocks < SUB_WINDOW_BLOCKS) return;
    this.#minima[this.#next] = this.#current;
    this.#next = (this.#next + 1) % SUB_WINDOWS;
    this.#blocks = 0;
    this.#current = Infinity;
    let least = Infinity;
    for (const minimum of this.#minima) if (minimum < least) least = minimum;
    this.#least = least;
  }
}
