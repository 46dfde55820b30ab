/**
 * A few sines added up, made by rotating one phasor for each: two multiplications per sample and no table.
 * Used for tones and DTMF; nothing is allocated after construction.
 */
export class Oscillator {
  readonly #cosStep: Float64Array;
  readonly #sinStep: Float64Array;
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #amplitude: Float64Array;
  #voices = 0;

  /** @param maxVoices the largest number of sines that `set` will ask for. */
  constructor(
    private readonly sampleRate: number,
    maxVoices: number,
  ) {
    this.#cosStep = new Float64Array(maxVoices);
    this.#sinStep = new Float64Array(maxVoices);
    this.#cos = new Float64Array(maxVoices);
    this.#sin = new Float64Array(maxVoices);
    this.#amplitude = new Float64Array(maxVoices);
  }

  /** Removes all voices. */
  clear(): void {
    this.#voices = 0;
  }

  /**
   * Adds a sine that starts at phase zero.
   *
   * @param frequency in Hz, below half the sample rate.
   * @param amplitude peak, in the unit of the output.
   */
  voice(frequency: number, amplitude: number): void {
    const step = (2 * Math.PI * frequency) / this.sampleRate;
    const index = this.#voices++;
    this.#cosStep[index] = Math.cos(step);
    this.#sinStep[index] = Math.sin(step);
    this.#cos[index] = 1;
    this.#sin[index] = 0;
    this.#amplitude[index] = amplitude;
  }

  /**
   * Writes the sum of all voices for the next `count` samples to the beginning of `output`. Returning single samples
   * would cost a heap number for each.
   */
  mix(output: Float64Array, count: number): void {
    for (let i = 0; i < count; i++) output[i] = 0;
    for (let voice = 0; voice < this.#voices; voice++) this.#addVoice(voice, output, count);
  }

  /** Takes rounding errors out of the phasors' length; call it now and then, say once per packet. */
  stabilise(): void {
    for (let i = 0; i < this.#voices; i++) {
      const cos = this.#cos[i];
      const sin = this.#sin[i];
      // Math.hypot would allocate a list of its arguments.
      const correction = 1 / Math.sqrt(cos * cos + sin * sin);
      this.#cos[i] = cos * correction;
      this.#sin[i] = sin * correction;
    }
  }

  #addVoice(voice: number, output: Float64Array, count: number): void {
    const amplitude = this.#amplitude[voice];
    const cosStep = this.#cosStep[voice];
    const sinStep = this.#sinStep[voice];
    let cos = this.#cos[voice];
    let sin = this.#sin[voice];
    for (let i = 0; i < count; i++) {
      output[i] += amplitude * sin;
      const turned = cos * cosStep - sin * sinStep;
      sin = sin * cosStep + cos * sinStep;
      cos = turned;
    }
    this.#cos[voice] = cos;
    this.#sin[voice] = sin;
  }
}
