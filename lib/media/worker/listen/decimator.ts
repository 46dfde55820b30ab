/** Taps for each step of the ratio: enough for 50 dB in the stop band. */
const TAPS_PER_STEP = 16;
/** Edge of the pass band as a part of the output's sample rate: 3.5 kHz at 8 kHz. */
const EDGE = 0.44;
/** Samples of the longest frame, 120 ms at 48 kHz. */
const MAX_INPUT = 5760;

/** Low-pass filters by their ratio, shared by all sessions of the thread. */
const filters = new Map<number, Float64Array>();
/** Scratch of the thread: the end of the frame before, and the frame. */
const scratch = new Float64Array(MAX_INPUT + 8 * TAPS_PER_STEP);
const output = new Int16Array(MAX_INPUT);

/**
 * Brings frames to a sample rate that is a whole part of theirs. The delay is some half a millisecond. Nothing is
 * allocated for a frame.
 */
export class Decimator {
  readonly #filter: Float64Array;
  readonly #tail: Float64Array;

  /** @param ratio of the sample rates, 2 to 8. */
  constructor(private readonly ratio: number) {
    this.#filter = filterFor(ratio);
    this.#tail = new Float64Array(this.#filter.length);
  }

  /**
   * Converts a frame; the first `count / ratio` samples of the result are valid until the next call of any decimator.
   *
   * @param follows the frame follows the one before without a gap.
   */
  convert(pcm: Int16Array, count: number, follows: boolean): Int16Array {
    const filter = this.#filter;
    const tail = this.#tail;
    const used = Math.min(count, MAX_INPUT);
    if (follows) scratch.set(tail);
    else scratch.fill(0, 0, tail.length);
    for (let index = 0; index < used; index++) scratch[tail.length + index] = pcm[index];
    for (let index = 0; index < tail.length; index++) tail[index] = scratch[used + index];
    const made = Math.floor(used / this.ratio);
    for (let index = 0; index < made; index++) {
      const from = index * this.ratio + this.ratio;
      let sum = 0;
      for (let tap = 0; tap < filter.length; tap++) sum += filter[tap] * scratch[from + tap];
      output[index] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : Math.round(sum);
    }
    return output;
  }
}

/** Hamming-windowed sinc of unit gain. */
function filterFor(ratio: number): Float64Array {
  const known = filters.get(ratio);
  if (known) return known;
  const length = TAPS_PER_STEP * ratio;
  const filter = new Float64Array(length);
  const cutoff = EDGE / ratio;
  let sum = 0;
  for (let tap = 0; tap < length; tap++) {
    const x = tap - (length - 1) / 2;
    const sinc = Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    filter[tap] = sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * tap) / (length - 1)));
    sum += filter[tap];
  }
  for (let tap = 0; tap < length; tap++) filter[tap] /= sum;
  filters.set(ratio, filter);
  return filter;
}
