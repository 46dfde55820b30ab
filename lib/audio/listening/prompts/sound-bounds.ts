import { LISTENING_RATE } from '../detector';

/** Part of a sound that can be heard, in samples. */
export interface SoundBounds {
  start: number;
  /** First sample behind it. */
  end: number;
}

/** Length of a step, samples: 10 ms. */
const STEP = LISTENING_RATE / 100;
/** What is this much quieter than the loudest step, as a power, is not heard beside it: 35 dB. */
const BELOW_LOUDEST = 10 ** -3.5;
/** A sound whose loudest step is weaker than this (−55 dBFS) is silent. */
const QUIETEST = (32_768 * 10 ** (-55 / 20)) ** 2;

/**
 * First and last audible moment, to 10 ms; undefined for silence. A constant offset of the samples counts for nothing.
 *
 * @param samples at `LISTENING_RATE`.
 */
export function soundBounds(samples: Int16Array): SoundBounds | undefined {
  const steps = Math.floor(samples.length / STEP);
  const powers = Float64Array.from({ length: steps }, (_, step) => varianceOf(samples, step * STEP));
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  if (loudest < QUIETEST) return undefined;
  const audible = (power: number): boolean => power >= loudest * BELOW_LOUDEST;
  return { start: powers.findIndex(audible) * STEP, end: (powers.findLastIndex(audible) + 1) * STEP };
}

/** Power of the changes within a step. */
function varianceOf(samples: Int16Array, from: number): number {
  let sum = 0;
  let squares = 0;
  for (let i = from; i < from + STEP; i++) {
    sum += samples[i];
    squares += samples[i] * samples[i];
  }
  return squares / STEP - (sum / STEP) ** 2;
}
