/** Clamps to 16 bits, as every addition of G.722 does. */
function limit(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** Mantissas of the logarithmic step size: 2048 · 2^(i/32) (ITU-T G.722 table 14). */
const MANTISSAS = Int32Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834],
  ...[2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);

/** Parameters of the step size adaptation in which the two bands differ. */
export interface BandParameters {
  /** Step size before the first sample. */
  readonly initialStep: number;
  /** Largest logarithm of the step size. */
  readonly maxLogStep: number;
  /** Binary exponent at logarithm zero. */
  readonly exponent: number;
}

export const LOWER_BAND: BandParameters = { initialStep: 32, maxLogStep: 18_432, exponent: 8 };
export const HIGHER_BAND: BandParameters = { initialStep: 8, maxLogStep: 22_528, exponent: 10 };

/**
 * The part that encoder and decoder of a G.722 sub-band share (ITU-T G.722 clauses 3.5 and 3.6): the
 * quantiser's step size, and the predictor with two poles and six zeros. Names in capitals are the blocks of
 * the Recommendation. All arithmetic is on integers, so both ends stay in step bit by bit.
 */
export class G722Band {
  /** Predicted signal for the next sample. */
  prediction = 0;
  /** Quantiser step size for the next sample. */
  step: number;

  #logStep = 0;
  #zeroPrediction = 0;
  /** Pole coefficients. */
  #a1 = 0;
  #a2 = 0;
  /** The last two reconstructed signals. */
  #r1 = 0;
  #r2 = 0;
  /** The last two partially reconstructed signals, of which only the signs matter. */
  #p1 = 0;
  #p2 = 0;
  /** Zero coefficients, and the quantised differences that they weigh, newest first. */
  readonly #b = new Int32Array(6);
  readonly #d = new Int32Array(6);

  constructor(private readonly parameters: BandParameters) {
    this.step = parameters.initialStep;
  }

  /** LOGSCL and SCALEL, or LOGSCH and SCALEH: moves the step size by a multiplier from the band's table. */
  adaptStep(multiplier: number): void {
    const { maxLogStep, exponent } = this.parameters;
    this.#logStep = Math.max(0, Math.min(maxLogStep, ((this.#logStep * 127) >> 7) + multiplier));
    const mantissa = MANTISSAS[(this.#logStep >> 6) & 31];
    const shift = exponent - (this.#logStep >> 11);
    this.step = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** Takes in the quantised difference of this sample and predicts the next one. */
  predict(difference: number): void {
    const reconstructed = limit(this.prediction + difference);
    const partial = limit(this.#zeroPrediction + difference);
    this.#adaptPoles(partial);
    this.#adaptZeros(difference);
    this.#p2 = this.#p1;
    this.#p1 = partial;
    this.#r2 = this.#r1;
    this.#r1 = reconstructed;
    this.#filter();
  }

  /** UPPOL2 and UPPOL1: sign-driven adaptation of the poles, kept inside the triangle of stability. */
  #adaptPoles(partial: number): void {
    const likeLast = partial < 0 === this.#p1 < 0;
    const likeBeforeLast = partial < 0 === this.#p2 < 0;
    const scaled = limit(this.#a1 << 2);
    const pull = Math.min(likeLast ? -scaled : scaled, 32_767) >> 7;
    const second = pull + (likeBeforeLast ? 128 : -128) + ((this.#a2 * 32_512) >> 15);
    const a2 = Math.max(-12_288, Math.min(12_288, second));
    const bound = limit(15_360 - a2);
    const first = limit((likeLast ? 192 : -192) + ((this.#a1 * 32_640) >> 15));
    this.#a1 = Math.max(-bound, Math.min(bound, first));
    this.#a2 = a2;
  }

  /** UPZERO, and the delay line of the differences. */
  #adaptZeros(difference: number): void {
    const b = this.#b;
    const d = this.#d;
    const gain = difference === 0 ? 0 : 128;
    for (let i = 0; i < 6; i++) {
      const change = d[i] < 0 === difference < 0 ? gain : -gain;
      b[i] = limit(change + ((b[i] * 32_640) >> 15));
    }
    for (let i = 5; i > 0; i--) d[i] = d[i - 1];
    d[0] = difference;
  }

  /** FILTEP, FILTEZ and PREDIC. */
  #filter(): void {
    const poles = ((this.#a1 * limit(2 * this.#r1)) >> 15) + ((this.#a2 * limit(2 * this.#r2)) >> 15);
    let zeros = 0;
    for (let i = 0; i < 6; i++) zeros += (this.#b[i] * limit(2 * this.#d[i])) >> 15;
    this.#zeroPrediction = limit(zeros);
    this.prediction = limit(limit(poles) + this.#zeroPrediction);
  }
}
