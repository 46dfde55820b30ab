/** Filter taps on each side of an interpolated instant. */
const HALF_TAPS = 12;
const TAPS = 2 * HALF_TAPS;
/** Instants between two samples for which coefficients are kept; those between them are interpolated. */
const PHASES = 128;
/** Shape of the Kaiser window: about 80 dB. */
const BETA = 8;
/** The shortest frame that can be stretched, samples: its ends stay as they are. */
export const LEAST_STRETCHED = 64;

/** Largest inaudible stretch: one sample at 8 kHz per frame, and a twentieth of a quiet frame. */
const STEPS_PER_SECOND = 8000;
const QUIET_SHARE = 1 / 20;
/** RMS below which a frame is quiet: −50 dBFS. */
const QUIET_RMS = 104;

let coefficients: Float64Array | undefined;

/**
 * Makes a frame longer or shorter by a few samples, to correct clock drift: its middle is resampled (windowed sinc),
 * its first and last twelve samples stay, so that it joins its neighbours as before. One sample of 160 changes the
 * pitch by 0.7 % for 20 ms, which is inaudible.
 *
 * @param count samples of `input`, at least `LEAST_STRETCHED`.
 * @param by samples to add; negative to take away; small against `count`.
 * @param output gets `count + by` samples; another array than `input`.
 * @returns `count + by`.
 */
export function stretch(input: Int16Array, count: number, by: number, output: Int16Array): number {
  const table = (coefficients ??= design());
  const middle = count - TAPS;
  const made = middle + by;
  const step = (middle + 1) / (made + 1);
  for (let index = 0; index < HALF_TAPS; index++) {
    output[index] = input[index];
    output[count + by - 1 - index] = input[count - 1 - index];
  }
  for (let index = 0; index < made; index++) {
    const at = HALF_TAPS - 1 + (index + 1) * step;
    const whole = Math.floor(at);
    const phase = (at - whole) * PHASES;
    const row = Math.floor(phase);
    const share = phase - row;
    const first = whole - HALF_TAPS + 1;
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) {
      const low = table[row * TAPS + tap];
      sum += input[first + tap] * (low + share * (table[(row + 1) * TAPS + tap] - low));
    }
    output[HALF_TAPS + index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return count + by;
}

/** Samples by which a frame may be stretched without being heard. */
export function mostStretch(count: number, sampleRate: number, quiet: boolean): number {
  return quiet ? Math.floor(count * QUIET_SHARE) : Math.max(1, Math.round(sampleRate / STEPS_PER_SECOND));
}

/** Whether a frame is below −50 dBFS. */
export function isQuiet(pcm: Int16Array, count: number): boolean {
  const limit = QUIET_RMS * QUIET_RMS * count;
  let energy = 0;
  for (let index = 0; index < count && energy < limit; index++) energy += pcm[index] * pcm[index];
  return energy < limit;
}

/** One row of taps for each phase, and one more; each row sums up to 1. */
function design(): Float64Array {
  const table = new Float64Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = table.subarray(phase * TAPS, (phase + 1) * TAPS);
    for (let tap = 0; tap < TAPS; tap++) {
      const distance = tap - HALF_TAPS + 1 - phase / PHASES;
      const angle = Math.PI * distance;
      const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
      row[tap] = sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - (distance / HALF_TAPS) ** 2)));
    }
    const sum = row.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < TAPS; tap++) row[tap] /= sum;
  }
  return table;
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
