/** Filters with more phases share this many and interpolate between neighbours (error below −110 dB). */
const MAX_PHASES = 1024;

/** Pass-band and stop-band edges of a stage, in cycles per input sample. */
export interface FilterEdges {
  pass: number;
  stop: number;
}

/** Scratch of the thread: the two neighbours of an interpolated phase. */
const neighbours = new Float64Array(2);

/** Taps that a Kaiser-windowed low-pass needs; a multiple of four. */
export function tapsFor({ pass, stop }: FilterEdges, attenuationDb: number): number {
  return 4 * Math.ceil((attenuationDb - 7.95) / (14.36 * (stop - pass)) / 4);
}

/**
 * One stage of rate conversion by `up / down`: a polyphase FIR low-pass whose delay is taken out. Works in
 * double precision throughout, which in JavaScript is also the fastest. Nothing is allocated once the buffers have
 * the size that its chunks need: sums go from function to function in arrays, as they would be heap numbers.
 */
export class PolyphaseStage {
  readonly #taps: number;
  readonly #phases: number;
  /** Coefficients phase by phase, and one phase more as the last neighbour for interpolation. */
  readonly #coefficients: Float64Array;
  /** Input not yet consumed; its first sample meets the first tap of the next output sample. */
  #buffer: Float64Array;
  #filled: number;
  /** Distance of the next output from the buffer's start, in input samples times `up`. */
  #phase = 0;
  #output = new Float64Array(0);

  constructor(
    private readonly up: number,
    private readonly down: number,
    edges: FilterEdges,
    attenuationDb: number,
  ) {
    this.#phases = Math.min(up, MAX_PHASES);
    this.#taps = tapsFor(edges, attenuationDb);
    this.#coefficients = designLowPass(edges, attenuationDb, this.#taps, this.#phases);
    // The filter looks half its length back and half ahead; the past before the first sample is silence.
    this.#filled = this.#taps / 2 - 1;
    this.#buffer = new Float64Array(this.#filled);
  }

  /** Output buffer: begins with the samples that the last `push` completed; valid until the next one. */
  get output(): Float64Array {
    return this.#output;
  }

  /**
   * Takes in the first `length` samples of `input`.
   *
   * @returns how many samples of `output` they complete.
   */
  push(input: Float32Array | Float64Array, length: number): number {
    this.#append(input, length);
    this.#reserveOutput();
    const buffer = this.#buffer;
    const output = this.#output;
    const coefficients = this.#coefficients;
    const taps = this.#taps;
    const exact = this.#phases === this.up;
    let position = 0;
    let phase = this.#phase;
    let count = 0;
    while (position + taps <= this.#filled) {
      if (exact) convolve(buffer, position, coefficients, phase * taps, taps, output, count);
      else this.#interpolate(position, phase, count);
      count++;
      phase += this.down;
      position += Math.floor(phase / this.up);
      phase %= this.up;
    }
    this.#phase = phase;
    buffer.copyWithin(0, position, this.#filled);
    this.#filled -= position;
    return count;
  }

  /** Completes the rest that is still in the filter, followed by silence, as `push` does; call it once. */
  end(): number {
    return this.push(new Float64Array(this.#taps), this.#taps);
  }

  #append(input: Float32Array | Float64Array, length: number): void {
    const needed = this.#filled + length;
    if (needed > this.#buffer.length) {
      const larger = new Float64Array(needed);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    const buffer = this.#buffer;
    const start = this.#filled;
    for (let index = 0; index < length; index++) buffer[start + index] = input[index];
    this.#filled = needed;
  }

  #reserveOutput(): void {
    const possible = Math.ceil((this.#filled * this.up) / this.down) + 1;
    if (this.#output.length < possible) this.#output = new Float64Array(possible);
  }

  #interpolate(position: number, phase: number, at: number): void {
    const exactPhase = (phase / this.up) * this.#phases;
    const lower = Math.floor(exactPhase);
    const weight = exactPhase - lower;
    const taps = this.#taps;
    convolve(this.#buffer, position, this.#coefficients, lower * taps, taps, neighbours, 0);
    convolve(this.#buffer, position, this.#coefficients, (lower + 1) * taps, taps, neighbours, 1);
    this.#output[at] = (1 - weight) * neighbours[0] + weight * neighbours[1];
  }
}

/** The inner loop of every conversion, into `output[at]`; four sums keep the processor's pipelines busy. */
function convolve(
  samples: Float64Array,
  position: number,
  coefficients: Float64Array,
  offset: number,
  taps: number,
  output: Float64Array,
  at: number,
): void {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = position, c = offset, end = position + taps; i < end; i += 4, c += 4) {
    sum0 += samples[i] * coefficients[c];
    sum1 += samples[i + 1] * coefficients[c + 1];
    sum2 += samples[i + 2] * coefficients[c + 2];
    sum3 += samples[i + 3] * coefficients[c + 3];
  }
  output[at] = sum0 + sum1 + (sum2 + sum3);
}

/**
 * A Kaiser-windowed sinc for every phase. Each phase is scaled to a gain of exactly one at 0 Hz, or a constant
 * input would come out with a whistle at the phase rate.
 */
function designLowPass(
  { pass, stop }: FilterEdges,
  attenuationDb: number,
  taps: number,
  phases: number,
): Float64Array {
  const beta = 0.1102 * (attenuationDb - 8.7);
  const coefficients = new Float64Array((phases + 1) * taps);
  for (let phase = 0; phase <= phases; phase++) {
    const row = coefficients.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const time = tap - (taps / 2 - 1) - phase / phases;
      row[tap] = sinc((pass + stop) * time) * kaiser(time / (taps / 2), beta);
      sum += row[tap];
    }
    for (let tap = 0; tap < taps; tap++) row[tap] /= sum;
  }
  return coefficients;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window at `x` between −1 and 1, up to a factor. */
function kaiser(x: number, beta: number): number {
  return Math.abs(x) > 1 ? 0 : bessel0(beta * Math.sqrt(1 - x * x));
}

/** The modified Bessel function of the first kind and order zero, by its power series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}
