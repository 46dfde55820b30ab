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

  /** Forgets all voices. */
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

  /** The sum of all voices; advances by one sample. */
  next(): number {
    let sum = 0;
    for (let i = 0; i < this.#voices; i++) {
      const cos = this.#cos[i];
      const sin = this.#sin[i];
      sum += this.#amplitude[i] * sin;
      this.#cos[i] = cos * this.#cosStep[i] - sin * this.#sinStep[i];
      this.#sin[i] = sin * this.#cosStep[i] + cos * this.#sinStep[i];
    }
    return sum;
  }

  /** Takes rounding errors out of the phasors' length; call it now and then, say once per packet. */
  stabilise(): void {
    for (let i = 0; i < this.#voices; i++) {
      const cos = this.#cos[i];
      const sin = this.#sin[i];
      // Math.hypot, which takes any number of arguments, makes a list of them on the heap.
      const correction = 1 / Math.sqrt(cos * cos + sin * sin);
      this.#cos[i] = cos * correction;
      this.#sin[i] = sin * correction;
    }
  }
}
