/** Filters with more phases share this many and interpolate between neighbours (error below −110 dB). */
const MAX_PHASES = 1024;

/** What a stage lets through and what it keeps out, in cycles per input sample. */
export interface FilterEdges {
  pass: number;
  stop: number;
}

/** Taps that a Kaiser-windowed low-pass needs; a multiple of four. */
export function tapsFor({ pass, stop }: FilterEdges, attenuationDb: number): number {
  return 4 * Math.ceil((attenuationDb - 7.95) / (14.36 * (stop - pass)) / 4);
}

/**
 * One stage of rate conversion by `up / down`: a polyphase FIR low-pass whose delay is taken out. Works in
 * double precision throughout, which in JavaScript is also the fastest.
 */
export class PolyphaseStage {
  readonly #taps: number;
  readonly #phases: number;
  /** Coefficients phase by phase, and one phase more as the last neighbour for interpolation. */
  readonly #coefficients: Float64Array;
  /** Input not yet consumed; its first sample meets the first tap of the next output sample. */
  #buffer: Float64Array;
  #filled: number;
  /** How far the next output lies behind the buffer's start: this over `up` input samples. */
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

  /** @returns the output that this input completes; valid until the next call. */
  push(input: Float32Array | Float64Array): Float64Array {
    this.#append(input);
    this.#reserveOutput();
    const buffer = this.#buffer;
    const taps = this.#taps;
    const exact = this.#phases === this.up;
    let position = 0;
    let phase = this.#phase;
    let count = 0;
    while (position + taps <= this.#filled) {
      this.#output[count++] = exact
        ? convolve(buffer, position, this.#coefficients, phase * taps, taps)
        : this.#interpolate(position, (phase / this.up) * this.#phases);
      phase += this.down;
      position += Math.floor(phase / this.up);
      phase %= this.up;
    }
    this.#phase = phase;
    buffer.copyWithin(0, position, this.#filled);
    this.#filled -= position;
    return this.#output.subarray(0, count);
  }

  /** @returns the rest that is still in the filter, followed by silence; call it once. */
  end(): Float64Array {
    return this.push(new Float64Array(this.#taps));
  }

  #append(input: Float32Array | Float64Array): void {
    const needed = this.#filled + input.length;
    if (needed > this.#buffer.length) {
      const larger = new Float64Array(needed);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(input, this.#filled);
    this.#filled = needed;
  }

  #reserveOutput(): void {
    const possible = Math.ceil((this.#filled * this.up) / this.down) + 1;
    if (this.#output.length < possible) this.#output = new Float64Array(possible);
  }

  #interpolate(position: number, phase: number): number {
    const lower = Math.floor(phase);
    const weight = phase - lower;
    const at = (index: number): number =>
      convolve(this.#buffer, position, this.#coefficients, index * this.#taps, this.#taps);
    return (1 - weight) * at(lower) + weight * at(lower + 1);
  }
}

/** The inner loop of every conversion; four sums keep the processor's pipelines busy. */
function convolve(
  samples: Float64Array,
  position: number,
  coefficients: Float64Array,
  offset: number,
  taps: number,
): number {
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
  return sum0 + sum1 + (sum2 + sum3);
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
