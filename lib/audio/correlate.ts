import { fft, inverseFft } from './fft';

/** Samples as the rest of this folder has them. */
export type Samples = Int16Array | Float32Array | Float64Array;

export interface CorrelationMatch {
  /** Start of the reference in the recording, in samples; negative when its start is cut off. */
  lag: number;
  /** Normalised correlation there, −1 to 1; 1 is the same shape at any level. 0 when either is silent. */
  correlation: number;
}

export interface CorrelationOptions {
  /**
   * Least part of the reference, in samples, that must lie within the recording. Default: all of it. With less,
   * a prompt is found that was already playing when the recording began, or still when it ended.
   */
  minOverlap?: number;
}

/** A stretch quieter than this part of the loudest (as a power) is silence, where rounding would decide. */
const SILENCE = 1e-10;

/**
 * Finds the place in a recording that is most like a reference: normalised cross-correlation at every lag, by
 * FFT, so that a reference of a second in a recording of ten takes tens of milliseconds. Both must have the
 * same sample rate. Each lag is normalised by the energy of what overlaps there, so level does not matter, and
 * an inverted match counts as a bad one.
 */
export function findReference(
  recording: Samples,
  reference: Samples,
  options: CorrelationOptions = {},
): CorrelationMatch {
  const minOverlap = Math.max(1, Math.min(options.minOverlap ?? reference.length, reference.length));
  const first = minOverlap - reference.length;
  const last = recording.length - minOverlap;
  let best: CorrelationMatch = { lag: 0, correlation: 0 };
  if (last < first || reference.length === 0) return best;

  const products = crossProducts(recording, reference);
  const recorded = cumulativeEnergy(recording);
  const wanted = cumulativeEnergy(reference);
  const floor = SILENCE * recorded[recording.length] * wanted[reference.length];
  let found = false;
  for (let lag = first; lag <= last; lag++) {
    const from = Math.max(0, lag);
    const to = Math.min(recording.length, lag + reference.length);
    const energy = (recorded[to] - recorded[from]) * (wanted[to - lag] - wanted[from - lag]);
    if (energy <= floor) continue;
    const correlation = products[lag < 0 ? lag + products.length : lag] / Math.sqrt(energy);
    if (found && correlation <= best.correlation) continue;
    found = true;
    best = { lag, correlation: Math.max(-1, Math.min(1, correlation)) };
  }
  return best;
}

/** Sums of products at every lag; negative lags are at the end of the array. */
function crossProducts(recording: Samples, reference: Samples): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(recording.length + reference.length));
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const otherRe = new Float64Array(size);
  const otherIm = new Float64Array(size);
  re.set(recording);
  otherRe.set(reference);
  fft(re, im);
  fft(otherRe, otherIm);
  for (let i = 0; i < size; i++) {
    const real = re[i] * otherRe[i] + im[i] * otherIm[i];
    im[i] = im[i] * otherRe[i] - re[i] * otherIm[i];
    re[i] = real;
  }
  inverseFft(re, im);
  return re;
}

/** The energy of all samples before each index. */
function cumulativeEnergy(samples: Samples): Float64Array {
  const sums = new Float64Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) sums[i + 1] = sums[i] + samples[i] * samples[i];
  return sums;
}
