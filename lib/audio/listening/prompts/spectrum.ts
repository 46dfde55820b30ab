/** Samples of a frame: 32 ms at 8 kHz. */
export const FRAME_SAMPLES = 256;

const HALF = FRAME_SAMPLES / 2;

/**
 * Power spectra of frames of 256 samples under a Hann window. The frame is transformed as 128 complex numbers, the even
 * samples real and the odd ones imaginary, which halves the work; all tables and buffers are made once.
 */
export class FrameSpectrum {
  /** Power of the lines 0 to 127, 31.25 Hz apart, in squares of the samples' unit; a full line has (amplitude / 4)². */
  readonly power = new Float64Array(HALF);
  readonly #window = Float64Array.from(
    { length: FRAME_SAMPLES },
    (_, i) => (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME_SAMPLES)) / FRAME_SAMPLES,
  );
  /** Cosines and sines of a whole turn in 256 steps. */
  readonly #cos = Float64Array.from({ length: HALF }, (_, k) => Math.cos((2 * Math.PI * k) / FRAME_SAMPLES));
  readonly #sin = Float64Array.from({ length: HALF }, (_, k) => Math.sin((2 * Math.PI * k) / FRAME_SAMPLES));
  readonly #order = Uint8Array.from({ length: HALF }, (_, i) => reversedBits(i));
  readonly #re = new Float64Array(HALF);
  readonly #im = new Float64Array(HALF);

  /** Writes the spectrum of the frame that begins at `offset` into `power`. */
  measure(samples: Int16Array, offset: number): void {
    const re = this.#re;
    const im = this.#im;
    const window = this.#window;
    for (let i = 0; i < HALF; i++) {
      const at = 2 * this.#order[i];
      re[i] = samples[offset + at] * window[at];
      im[i] = samples[offset + at + 1] * window[at + 1];
    }
    this.#transform();
    this.#unfold();
  }

  /** Radix-2 transform of 128 complex numbers whose order has been reversed already. */
  #transform(): void {
    const re = this.#re;
    const im = this.#im;
    for (let span = 1; span < HALF; span *= 2) {
      const step = HALF / span;
      for (let k = 0; k < span; k++) {
        const cos = this.#cos[k * step];
        const sin = this.#sin[k * step];
        for (let upper = k; upper < HALF; upper += 2 * span) {
          const lower = upper + span;
          const turnedRe = re[lower] * cos + im[lower] * sin;
          const turnedIm = im[lower] * cos - re[lower] * sin;
          re[lower] = re[upper] - turnedRe;
          im[lower] = im[upper] - turnedIm;
          re[upper] += turnedRe;
          im[upper] += turnedIm;
        }
      }
    }
  }

  /** The spectrum of the real frame from that of its even and odd samples. */
  #unfold(): void {
    const re = this.#re;
    const im = this.#im;
    const power = this.power;
    power[0] = (re[0] + im[0]) ** 2;
    for (let k = 1; k < HALF; k++) {
      const evenRe = (re[k] + re[HALF - k]) / 2;
      const evenIm = (im[k] - im[HALF - k]) / 2;
      const oddRe = (im[k] + im[HALF - k]) / 2;
      const oddIm = (re[HALF - k] - re[k]) / 2;
      const lineRe = evenRe + oddRe * this.#cos[k] + oddIm * this.#sin[k];
      const lineIm = evenIm + oddIm * this.#cos[k] - oddRe * this.#sin[k];
      power[k] = lineRe * lineRe + lineIm * lineIm;
    }
  }
}

function reversedBits(index: number): number {
  let reversed = 0;
  for (let bit = 1; bit < HALF; bit *= 2) reversed = reversed * 2 + (index & bit ? 1 : 0);
  return reversed;
}
