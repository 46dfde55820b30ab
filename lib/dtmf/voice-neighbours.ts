/** Least power at the fundamental of a voice, as a part of the two tones': five times white noise at 10 dB SNR. */
const MIN_FUNDAMENTAL = 0.01;
/** The same for the harmonic below. Speech that was taken for digits had 0.05 to 0.2. */
const MIN_HARMONIC = 0.04;
/** Half the main lobe of a Hann window in bins, and a little: nearer to a tone there is nothing but this tone. */
const LOBE = 2.2;

/**
 * Whether two tones are neighbouring harmonics of a voice rather than a digit.
 *
 * A voice at 238 Hz has its fourth and fifth harmonic within 1.5 % of the tones of `*`, where no measure of these two
 * tells them apart. But it also has a fundamental, which is their distance, and a harmonic by this distance below the
 * lower one. A telephone has neither: noise is not that strong at single frequencies, and a clipped digit has the
 * lower one (2·f₁ − f₂), but nothing at the distance.
 *
 * @param samples a ring
 * @param start where the oldest sample is that counts
 * @param count how many count, 15 ms or more
 * @param low the lower tone in radians per sample
 * @param high the upper tone in radians per sample
 */
export function isVoice(
  samples: Int16Array,
  start: number,
  count: number,
  low: number,
  high: number,
): boolean {
  const distance = high - low;
  if (Math.abs(low - distance) < (LOBE * 2 * Math.PI) / count) return false;
  const tones = powerAt(samples, start, count, low) + powerAt(samples, start, count, high);
  return (
    powerAt(samples, start, count, low - distance) > MIN_HARMONIC * tones &&
    powerAt(samples, start, count, distance) > MIN_FUNDAMENTAL * tones
  );
}

/** Squared magnitude at one frequency under a Hann window, which keeps the tones out of their neighbours. */
function powerAt(samples: Int16Array, start: number, count: number, omega: number): number {
  const { length } = samples;
  const step = (2 * Math.PI) / count;
  let re = 0;
  let im = 0;
  for (let n = 0; n < count; n++) {
    const at = start + n < length ? start + n : start + n - length;
    const sample = samples[at] * (1 - Math.cos(step * (n + 0.5)));
    re += sample * Math.cos(omega * n);
    im += sample * Math.sin(omega * n);
  }
  return re * re + im * im;
}
