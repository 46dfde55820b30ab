import { BandLevels, BANDS, HOP_SAMPLES } from './bands';
import { CoarseFrames } from './coarse-frames';
import { FRAME_SAMPLES } from './spectrum';

/** Frames of which more than this share was made up are left out. */
export const MOST_LOST = 0.4;

/**
 * Received audio as frames of band levels, the newest `capacity` of them, and pairs of frames for the coarse search. Every
 * frame is written twice, a capacity apart, so that any stretch of frames lies in one piece. Nothing is allocated after the
 * constructor.
 */
export class HeardFrames {
  readonly capacity: number;
  /** Band levels, `BANDS` for each frame. */
  readonly levels: Float32Array;
  /** Share of each frame that was lost and made up, 0 to 1. */
  readonly lost: Float32Array;
  /** Mean power of the samples of each frame, a constant offset left out. */
  readonly powers: Float64Array;
  /** Sum of the levels of each band over all frames up to and including this one, those that were lost left out. */
  readonly sums: Float64Array;
  /** The same of the squares, all bands together. */
  readonly squares: Float64Array;
  readonly coarse: CoarseFrames;
  /** Frames so far. */
  count = 0;
  readonly #bands = new BandLevels();
  readonly #samples = new Int16Array(FRAME_SAMPLES);
  readonly #lostSamples = new Uint8Array(FRAME_SAMPLES);
  #filled = 0;

  /** @param capacity in frames, even. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.levels = new Float32Array(2 * capacity * BANDS);
    this.lost = new Float32Array(2 * capacity);
    this.powers = new Float64Array(2 * capacity);
    this.sums = new Float64Array(2 * capacity * BANDS);
    this.squares = new Float64Array(2 * capacity);
    this.coarse = new CoarseFrames(capacity / 2);
  }

  /** Oldest frame that is still there. */
  get first(): number {
    return Math.max(0, this.count - this.capacity);
  }

  /** Place of a frame in the arrays; the frames before it, down to `first`, lie before that place without a break. */
  placeOf(frame: number): number {
    return (frame % this.capacity) + this.capacity;
  }

  /**
   * Takes samples up to the end of a frame.
   *
   * @param lost they stand for audio that was lost.
   * @returns how many of `length` were taken; call `complete` then.
   */
  take(pcm: Int16Array, offset: number, length: number, lost: boolean): number {
    const taken = Math.min(length, FRAME_SAMPLES - this.#filled);
    for (let i = 0; i < taken; i++) this.#samples[this.#filled + i] = pcm[offset + i];
    this.#lostSamples.fill(lost ? 1 : 0, this.#filled, this.#filled + taken);
    this.#filled += taken;
    return taken;
  }

  /** Makes a frame of the samples that were taken, when they suffice; returns whether there is a new pair of frames. */
  complete(): boolean {
    if (this.#filled < FRAME_SAMPLES) return false;
    this.#add();
    this.#samples.copyWithin(0, HOP_SAMPLES);
    this.#lostSamples.copyWithin(0, HOP_SAMPLES);
    this.#filled = FRAME_SAMPLES - HOP_SAMPLES;
    if (this.count % 2 === 1) return false;
    this.coarse.add(this.levels, this.placeOf(this.count - 2), this.placeOf(this.count - 1));
    return true;
  }

  #add(): void {
    const at = this.placeOf(this.count++);
    this.#bands.measure(this.#samples, 0, this.levels, at * BANDS);
    let sum = 0;
    let squares = 0;
    let lost = 0;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      sum += this.#samples[i];
      squares += this.#samples[i] * this.#samples[i];
      lost += this.#lostSamples[i];
    }
    this.powers[at] = squares / FRAME_SAMPLES - (sum / FRAME_SAMPLES) ** 2;
    this.lost[at] = lost / FRAME_SAMPLES;
    this.#sumUp(at);
    const again = at - this.capacity;
    this.levels.copyWithin(again * BANDS, at * BANDS, (at + 1) * BANDS);
    this.powers[again] = this.powers[at];
    this.lost[again] = this.lost[at];
    this.sums.copyWithin(again * BANDS, at * BANDS, (at + 1) * BANDS);
    this.squares[again] = this.squares[at];
  }

  #sumUp(at: number): void {
    const worth = this.lost[at] > MOST_LOST ? 0 : 1;
    let squares = this.squares[at - 1];
    for (let i = at * BANDS; i < (at + 1) * BANDS; i++) {
      const level = worth * this.levels[i];
      this.sums[i] = this.sums[i - BANDS] + level;
      squares += level * level;
    }
    this.squares[at] = squares;
  }
}
