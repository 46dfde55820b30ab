/**
 * How strongly one frequency is present in a stretch of samples (Goertzel's algorithm): the amplitude of a
 * sine of this frequency, in the unit of the samples. The resolution is about `sampleRate / count` Hz.
 *
 * @param frequency in Hz, any value below half the sample rate.
 */
export function toneAmplitude(
  samples: Int16Array | Float32Array,
  frequency: number,
  sampleRate: number,
  offset = 0,
  count = samples.length - offset,
): number {
  const omega = (2 * Math.PI * frequency) / sampleRate;
  const coefficient = 2 * Math.cos(omega);
  let last = 0;
  let beforeLast = 0;
  for (let i = offset; i < offset + count; i++) {
    const next = samples[i] + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  return count === 0 ? 0 : (2 * Math.sqrt(Math.max(0, power))) / count;
}
