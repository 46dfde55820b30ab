/**
 * In-place fast Fourier transform of complex numbers (radix 2), unnormalised: a transform there and back with
 * `inverseFft` gives the input again.
 *
 * @param re real parts and @param im imaginary parts, of the same length, a power of two.
 */
export function fft(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  sortByReversedBits(re, im);
  for (let span = 1; span < size; span *= 2) {
    const cos = new Float64Array(span);
    const sin = new Float64Array(span);
    for (let k = 0; k < span; k++) {
      cos[k] = Math.cos((Math.PI * k) / span);
      sin[k] = -Math.sin((Math.PI * k) / span);
    }
    for (let start = 0; start < size; start += 2 * span) {
      for (let k = 0; k < span; k++) {
        const upper = start + k;
        const lower = upper + span;
        const turnedRe = re[lower] * cos[k] - im[lower] * sin[k];
        const turnedIm = re[lower] * sin[k] + im[lower] * cos[k];
        re[lower] = re[upper] - turnedRe;
        im[lower] = im[upper] - turnedIm;
        re[upper] += turnedRe;
        im[upper] += turnedIm;
      }
    }
  }
}

/** Undoes `fft`. */
export function inverseFft(re: Float64Array, im: Float64Array): void {
  // Swapping the parts turns the transform into its inverse, but for the factor.
  fft(im, re);
  for (let i = 0; i < re.length; i++) {
    re[i] /= re.length;
    im[i] /= re.length;
  }
}

function sortByReversedBits(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let i = 1, reversed = 0; i < size; i++) {
    let bit = size >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (i >= reversed) continue;
    [re[i], re[reversed]] = [re[reversed], re[i]];
    [im[i], im[reversed]] = [im[reversed], im[i]];
  }
}
