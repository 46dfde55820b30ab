import { FRAME_SAMPLES, FrameSpectrum } from './spectrum';

/** Bands of equal width on the mel scale from 300 to 3400 Hz: what every telephone carries. */
export const BANDS = 16;
/** Samples from one frame to the next: 16 ms at 8 kHz. */
export const HOP_SAMPLES = FRAME_SAMPLES / 2;
/** Milliseconds from one frame to the next. */
export const FRAME_MS = HOP_SAMPLES / 8;

const LOWEST_HZ = 300;
const HIGHEST_HZ = 3400;
const LINE_HZ = 8000 / FRAME_SAMPLES;
/**
 * Added to the power of every band: −78 dB of full scale. What is quieter than G.711 can say is equally quiet, so that
 * digital silence and comfort noise do not look like a change of the sound.
 */
const FLOOR = 16;

/** One line of the spectrum in one band. */
interface Share {
  line: number;
  band: number;
  weight: number;
}

/** Levels of the bands of a frame, in bels (powers of ten of the power). */
export class BandLevels {
  readonly #spectrum = new FrameSpectrum();
  readonly #lines: Uint8Array;
  readonly #bands: Uint8Array;
  readonly #weights: Float64Array;
  readonly #sums = new Float64Array(BANDS);

  constructor() {
    const shares = triangles();
    this.#lines = Uint8Array.from(shares, ({ line }) => line);
    this.#bands = Uint8Array.from(shares, ({ band }) => band);
    this.#weights = Float64Array.from(shares, ({ weight }) => weight);
  }

  /** Writes the levels of the frame of `FRAME_SAMPLES` that begins at `offset` into `BANDS` places of `levels`. */
  measure(samples: Int16Array, offset: number, levels: Float32Array, at: number): void {
    this.#spectrum.measure(samples, offset);
    const { power } = this.#spectrum;
    const sums = this.#sums.fill(FLOOR);
    for (let i = 0; i < this.#lines.length; i++) {
      sums[this.#bands[i]] += power[this.#lines[i]] * this.#weights[i];
    }
    for (let band = 0; band < BANDS; band++) levels[at + band] = Math.log10(sums[band]);
  }
}

/** Overlapping triangles, each from the centre of the band below to that of the band above. */
function triangles(): Share[] {
  const step = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (BANDS + 1);
  const shares: Share[] = [];
  for (let line = 1; line < FRAME_SAMPLES / 2; line++) {
    const position = (mel(line * LINE_HZ) - mel(LOWEST_HZ)) / step - 1;
    for (let band = 0; band < BANDS; band++) {
      const weight = 1 - Math.abs(position - band);
      if (weight > 0) shares.push({ line, band, weight });
    }
  }
  return shares;
}

function mel(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}
