import { PolyphaseStage, tapsFor, type FilterEdges } from './polyphase';

/** Pass-band edge as a part of the narrower Nyquist frequency: 3.4 kHz at 8 kHz. */
const PASS_EDGE = 0.85;
/** Stop-band attenuation in dB that the filters are designed for. */
const ATTENUATION_DB = 100;

/**
 * Changes the sample rate of mono audio by any ratio of two whole numbers, chunk by chunk. The first output
 * sample is the first instant of the input, and the output lasts as long as the input.
 *
 * The pass band reaches to 85 % of the narrower Nyquist frequency (3.4 kHz for 8 kHz) and the stop band begins
 * at that Nyquist frequency. Memory does not depend on the length of the audio.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #stages: readonly PolyphaseStage[];
  #inputCount = 0;
  #outputCount = 0;
  #output = new Float32Array(0);

  /** @param inputRate and @param outputRate in Hz, whole numbers. */
  constructor(inputRate: number, outputRate: number) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    this.#stages = this.#up === this.#down ? [] : planStages(inputRate, outputRate);
  }

  /** Output buffer: begins with the samples that the last `convert` completed; valid until the next one. */
  get output(): Float32Array {
    return this.#output;
  }

  /**
   * Takes in the first `length` samples of `input`. Allocates nothing once it knows the length of the chunks.
   *
   * @returns how many samples of `output` they complete.
   */
  convert(input: Float32Array, length: number): number {
    this.#inputCount += length;
    let samples: Float32Array | Float64Array = input;
    let count = length;
    for (let index = 0; index < this.#stages.length; index++) {
      const stage = this.#stages[index];
      count = stage.push(samples, count);
      samples = stage.output;
    }
    this.#deliver(samples, count);
    return count;
  }

  /** @returns the output that this input completes; valid until the next call. */
  push(input: Float32Array): Float32Array {
    const count = this.convert(input, input.length);
    return this.#output.subarray(0, count);
  }

  /** @returns the samples still in the filters; call it once. */
  end(): Float32Array {
    let rest = new Float64Array(0);
    for (const stage of this.#stages) {
      const completed = stage.push(rest, rest.length);
      const before = stage.output.slice(0, completed);
      const after = stage.end();
      rest = new Float64Array(before.length + after);
      rest.set(before);
      rest.set(stage.output.subarray(0, after), before.length);
    }
    const total = Math.round((this.#inputCount * this.#up) / this.#down);
    const count = Math.max(0, Math.min(rest.length, total - this.#outputCount));
    this.#deliver(rest, count);
    return this.#output.subarray(0, count);
  }

  #deliver(samples: Float32Array | Float64Array, count: number): void {
    if (this.#output.length < count) this.#output = new Float32Array(count);
    const output = this.#output;
    for (let index = 0; index < count; index++) output[index] = samples[index];
    this.#outputCount += count;
  }
}

/**
 * One stage, or two when decimating by a whole number first is cheaper: the first filter then only has to
 * keep out what would fold into the final band, which needs few taps at the high rate.
 */
function planStages(inputRate: number, outputRate: number): PolyphaseStage[] {
  const nyquist = Math.min(inputRate, outputRate) / 2;
  const pass = PASS_EDGE * nyquist;
  const firstEdges = (factor: number): FilterEdges => ({
    pass: pass / inputRate,
    stop: (inputRate / factor - nyquist) / inputRate,
  });
  const lastEdges = (factor: number): FilterEdges => ({
    pass: (pass * factor) / inputRate,
    stop: (nyquist * factor) / inputRate,
  });
  const cost = (factor: number): number => {
    const last = tapsFor(lastEdges(factor), ATTENUATION_DB) * outputRate;
    return factor === 1 ? last : last + (tapsFor(firstEdges(factor), ATTENUATION_DB) * inputRate) / factor;
  };
  let best = 1;
  for (let factor = 2; inputRate / factor > outputRate; factor++)
    if (cost(factor) < cost(best)) best = factor;

  const divisor = greatestCommonDivisor(outputRate * best, inputRate);
  const up = (outputRate * best) / divisor;
  const down = inputRate / divisor;
  const last = new PolyphaseStage(up, down, lastEdges(best), ATTENUATION_DB);
  return best === 1 ? [last] : [new PolyphaseStage(1, best, firstEdges(best), ATTENUATION_DB), last];
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
