import { seededRandom } from './random';

/*
 * Signals for tests, and measurements on them. The measurements are written independently of lib/audio, so that they
 * can judge it.
 */

/** A sum of sines as 16-bit samples; `amplitude` is the peak of each of them. */
export function sines(
  frequencies: readonly number[],
  sampleRate: number,
  seconds: number,
  amplitude = 8000,
): Int16Array {
  return Int16Array.from({ length: Math.round(sampleRate * seconds) }, (_, i) =>
    Math.round(
      frequencies.reduce((sum, hz) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRate), 0),
    ),
  );
}

/** A sine whose frequency rises linearly: every instant is different, so it shows time shifts and gaps. */
export function chirp(
  fromHz: number,
  toHz: number,
  sampleRate: number,
  seconds: number,
  amplitude = 8000,
): Int16Array {
  const slope = (toHz - fromHz) / seconds;
  return Int16Array.from({ length: Math.round(sampleRate * seconds) }, (_, i) => {
    const t = i / sampleRate;
    return Math.round(amplitude * Math.sin(2 * Math.PI * (fromHz * t + (slope * t * t) / 2)));
  });
}

/** White Gaussian noise of the given RMS value, the same for the same seed. */
export function noise(count: number, rms: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  return Int16Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return clip(Math.round(rms * radius * Math.cos(2 * Math.PI * random())));
  });
}

/** Adds signals sample by sample; the result is as long as the longest. */
export function mix(...signals: readonly Int16Array[]): Int16Array {
  const length = Math.max(...signals.map((signal) => signal.length));
  return Int16Array.from({ length }, (_, i) =>
    clip(signals.reduce((sum, signal) => sum + (signal[i] ?? 0), 0)),
  );
}

/** One signal after the other. */
export function join(...signals: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(signals.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const signal of signals) {
    joined.set(signal, offset);
    offset += signal.length;
  }
  return joined;
}

export function silence(sampleRate: number, seconds: number): Int16Array {
  return new Int16Array(Math.round(sampleRate * seconds));
}

/** RMS in dB relative to full scale (32768). */
export function levelDbfs(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ** 2;
  return 10 * Math.log10(sum / samples.length / 32_768 ** 2);
}

/** Amplitude (peak) of one frequency in a signal, by correlation with a Hann-windowed sine and cosine. */
export function amplitudeAt(samples: ArrayLike<number>, hz: number, sampleRate: number): number {
  let re = 0;
  let im = 0;
  let weight = 0;
  for (let i = 0; i < samples.length; i++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / samples.length);
    const angle = (2 * Math.PI * hz * i) / sampleRate;
    re += samples[i] * window * Math.cos(angle);
    im += samples[i] * window * Math.sin(angle);
    weight += window;
  }
  return (2 * Math.hypot(re, im)) / weight;
}

/**
 * The frequency of the strongest sine between two limits, to a fraction of a hertz: a coarse search over a
 * grid, then a finer one around the best.
 */
export function pitch(samples: ArrayLike<number>, sampleRate: number, fromHz = 100, toHz = 3400): number {
  let step = sampleRate / samples.length;
  let best = strongest(samples, sampleRate, fromHz, toHz, step);
  while (step > 0.02) {
    const width = step;
    step /= 8;
    best = strongest(samples, sampleRate, best - width, best + width, step);
  }
  return best;
}

function strongest(
  samples: ArrayLike<number>,
  sampleRate: number,
  fromHz: number,
  toHz: number,
  step: number,
): number {
  let best = fromHz;
  let bestAmplitude = -1;
  for (let hz = fromHz; hz <= toHz; hz += step) {
    const amplitude = amplitudeAt(samples, hz, sampleRate);
    if (amplitude <= bestAmplitude) continue;
    bestAmplitude = amplitude;
    best = hz;
  }
  return best;
}

/** Signal-to-error ratio against a reference, in dB; the stretches must be aligned. */
export function signalToErrorDb(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  let signal = 0;
  let error = 0;
  for (let i = 0; i < reference.length; i++) {
    signal += reference[i] ** 2;
    error += (actual[i] - reference[i]) ** 2;
  }
  return 10 * Math.log10(signal / error);
}

/** Normalised correlation of a short signal with a long one at one lag, −1 to 1. */
export function correlationAt(long: ArrayLike<number>, short: ArrayLike<number>, lag: number): number {
  let product = 0;
  let energyLong = 0;
  let energyShort = 0;
  for (let i = 0; i < short.length; i++) {
    const other = long[lag + i] ?? 0;
    product += other * short[i];
    energyLong += other * other;
    energyShort += short[i] * short[i];
  }
  return energyLong === 0 || energyShort === 0 ? 0 : product / Math.sqrt(energyLong * energyShort);
}

function clip(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, sample));
}
