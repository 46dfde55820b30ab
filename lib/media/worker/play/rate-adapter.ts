/** Room for 60 ms at 48 kHz, or the longest payload. */
const MAX_SAMPLES = 8192;

/**
 * Sample rate conversion of frames by linear interpolation, for a playback or recording that goes on after a change of
 * codec in the middle of a call. Everything else is converted properly beforehand, by the file worker.
 */
export class RateAdapter {
  readonly #output = new Int16Array(MAX_SAMPLES);
  /** The last sample of the frame before, so that frames join without a step. */
  #last = 0;

  /** Samples that `count` samples become. */
  static count(count: number, fromRate: number, toRate: number): number {
    return Math.min(MAX_SAMPLES, Math.round((count * toRate) / fromRate));
  }

  /** Converts one frame; the first `RateAdapter.count` samples of the result are valid until the next call. */
  convert(input: Int16Array, count: number, fromRate: number, toRate: number): Int16Array {
    const outputCount = count === 0 ? 0 : RateAdapter.count(count, fromRate, toRate);
    const step = count / Math.max(1, outputCount);
    const at = (index: number): number => (index < 0 ? this.#last : input[Math.min(index, count - 1)]);
    for (let index = 0; index < outputCount; index++) {
      // Each output sample lies at the end of its stretch of input, so nothing beyond the frame is needed.
      const position = (index + 1) * step - 1;
      const whole = Math.floor(position);
      const fraction = position - whole;
      this.#output[index] = Math.round(at(whole) * (1 - fraction) + at(whole + 1) * fraction);
    }
    if (count > 0) this.#last = input[count - 1];
    return this.#output;
  }
}
