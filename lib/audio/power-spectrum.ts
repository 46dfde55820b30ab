/** What a transform of one size needs; the same for every spectrum of this size. */
interface Tables {
  readonly window: Float64Array;
  /** Index of the complex input that goes to each place: bits reversed. */
  readonly order: Uint16Array;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

const tables = new Map<number, Tables>();

/**
 * Power spectrum of real samples under a Hann window. Nothing is allocated after construction; the tables are shared
 * by all spectra of a size.
 */
export class PowerSpectrum {
  /** Values of a result: `size / 2 + 1`, from 0 Hz to half the sample rate. */
  readonly bins: number;
  readonly #half: number;
  readonly #tables: Tables;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  /** @param size samples of a window, a power of two from 8 to 65536. */
  constructor(size: number) {
    this.#half = size / 2;
    this.bins = this.#half + 1;
    this.#tables = tablesOf(size);
    this.#re = new Float64Array(this.#half);
    this.#im = new Float64Array(this.#half);
  }

  /**
   * Writes the power of each bin, scaled so that all bins together are about the mean square of the samples.
   *
   * @param start index of the first sample of the window.
   * @param power `bins` values.
   */
  compute(samples: Float64Array, start: number, power: Float64Array): void {
    this.#load(samples, start);
    this.#transform();
    this.#untangle(power);
  }

  /** Even samples become real parts and odd ones imaginary parts, so that half the size is enough. */
  #load(samples: Float64Array, start: number): void {
    const { window, order } = this.#tables;
    for (let i = 0; i < this.#half; i++) {
      const from = 2 * order[i];
      this.#re[i] = samples[start + from] * window[from];
      this.#im[i] = samples[start + from + 1] * window[from + 1];
    }
  }

  #transform(): void {
    const re = this.#re;
    const im = this.#im;
    const { cos, sin } = this.#tables;
    const size = this.#half;
    for (let span = 1; span < size; span *= 2) {
      const stride = size / span;
      for (let start = 0; start < size; start += 2 * span) {
        for (let k = 0; k < span; k++) {
          const upper = start + k;
          const lower = upper + span;
          const c = cos[k * stride];
          const s = sin[k * stride];
          const turnedRe = re[lower] * c - im[lower] * s;
          const turnedIm = re[lower] * s + im[lower] * c;
          re[lower] = re[upper] - turnedRe;
          im[lower] = im[upper] - turnedIm;
          re[upper] += turnedRe;
          im[upper] += turnedIm;
        }
      }
    }
  }

  /** Takes the spectra of even and odd samples apart and joins them. */
  #untangle(power: Float64Array): void {
    const re = this.#re;
    const im = this.#im;
    const { cos, sin } = this.#tables;
    const half = this.#half;
    // 3/8 is the mean square of the window; 2 stands for the negative frequencies.
    const scale = 2 / ((3 / 8) * (2 * half) ** 2);
    for (let k = 0; k <= half; k++) {
      const a = k === half ? 0 : k;
      const b = k === 0 ? 0 : half - k;
      const evenRe = (re[a] + re[b]) / 2;
      const evenIm = (im[a] - im[b]) / 2;
      const oddRe = (im[a] + im[b]) / 2;
      const oddIm = (re[b] - re[a]) / 2;
      const c = k === half ? -1 : cos[k];
      const s = k === half ? 0 : sin[k];
      const sumRe = evenRe + oddRe * c - oddIm * s;
      const sumIm = evenIm + oddRe * s + oddIm * c;
      power[k] = scale * (sumRe * sumRe + sumIm * sumIm);
    }
  }
}

function tablesOf(size: number): Tables {
  let found = tables.get(size);
  if (!found) {
    const half = size / 2;
    const angles = Float64Array.from({ length: half }, (_, k) => (-2 * Math.PI * k) / size);
    found = {
      window: Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size)),
      order: Uint16Array.from({ length: half }, (_, i) => reverseBits(i, Math.log2(half))),
      cos: angles.map(Math.cos),
      sin: angles.map(Math.sin),
    };
    tables.set(size, found);
  }
  return found;
}

function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed |= ((value >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}
