import assert from 'node:assert/strict';
import { Resampler } from '../../../lib/audio/resampler';
import { amplitudeAt, signalToErrorDb } from '../../support/audio';
import { seededRandom } from '../../support/random';

const RATIOS: readonly (readonly [from: number, to: number])[] = [
  [44_100, 8000],
  [48_000, 8000],
  [22_050, 8000],
  [11_025, 8000],
  [16_000, 8000],
  [44_100, 16_000],
  [8000, 16_000],
  [8000, 48_000],
  [96_000, 8000],
  // Coprime rates have 8000 phases and are interpolated.
  [44_101, 8000],
];

function sine(hz: number, rate: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
}

/** Feeds the input in pieces of the given length and joins the output. */
function resample(input: Float32Array, from: number, to: number, piece = 4096): Float32Array {
  const resampler = new Resampler(from, to);
  const output: number[] = [];
  for (let i = 0; i < input.length; i += piece) output.push(...resampler.push(input.subarray(i, i + piece)));
  output.push(...resampler.end());
  return Float32Array.from(output);
}

/** Level in dB of whatever comes out in the middle, relative to the sine that went in. */
function gainDb(hz: number, from: number, to: number): number {
  const output = resample(sine(hz, from, from / 4), from, to);
  const middle = output.subarray(output.length * 0.25, output.length * 0.75);
  const power = middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length;
  return 10 * Math.log10(2 * power);
}

describe('resampler', () => {
  it('passes 44.1 kHz to 8 kHz flat to 3.4 kHz and lets nothing above 4 kHz fold back', () => {
    // Multiples of 40 Hz have whole periods in the stretch that is measured.
    for (let hz = 40; hz <= 3400; hz += 160) {
      assert.ok(Math.abs(gainDb(hz, 44_100, 8000)) < 0.02, `${hz} Hz: ${gainDb(hz, 44_100, 8000)} dB`);
    }
    for (let hz = 4001; hz < 22_050; hz += hz < 4600 ? 67 : 601) {
      assert.ok(gainDb(hz, 44_100, 8000) < -95, `${hz} Hz folds back with ${gainDb(hz, 44_100, 8000)} dB`);
    }
  });

  it('keeps pitch, phase and level of a sine at every ratio', () => {
    for (const [from, to] of RATIOS) {
      const output = resample(sine(1000, from, from / 2), from, to);
      const expected = sine(1000, to, to / 2);
      const middle = (samples: Float32Array) => samples.subarray(samples.length * 0.1, samples.length * 0.9);
      const decibels = signalToErrorDb(middle(output), middle(expected));
      assert.ok(decibels > 90, `${from} → ${to}: ${decibels.toFixed(1)} dB`);
    }
  });

  it('makes output as long as the input, to the sample', () => {
    for (const [from, to] of RATIOS) {
      for (const count of [0, 1, 7, 1000, from]) {
        assert.equal(
          resample(new Float32Array(count), from, to).length,
          Math.round((count * to) / from),
          `${from} → ${to}`,
        );
      }
    }
  });

  it('does not depend on how the input is cut', () => {
    const random = seededRandom(8);
    const input = Float32Array.from({ length: 5000 }, () => random() - 0.5);
    for (const [from, to] of RATIOS) {
      const whole = resample(input, from, to, input.length);
      for (const piece of [1, 13, 480]) assert.deepEqual(resample(input, from, to, piece), whole);
    }
  });

  it('keeps a constant constant', () => {
    for (const [from, to] of RATIOS) {
      const output = resample(new Float32Array(from / 5).fill(0.5), from, to);
      const middle = output.subarray(output.length * 0.25, output.length * 0.75);
      for (const sample of middle) assert.ok(Math.abs(sample - 0.5) < 1e-6, `${from} → ${to}: ${sample}`);
    }
  });

  it('leaves no image of the input behind when the rate goes up', () => {
    const output = resample(sine(3000, 8000, 8000), 8000, 16_000);
    const middle = output.subarray(2000, 14_000);
    assert.ok(Math.abs(amplitudeAt(middle, 3000, 16_000) - 1) < 0.001);
    assert.ok(20 * Math.log10(amplitudeAt(middle, 5000, 16_000)) < -95);
  });

  it('passes equal rates bit by bit', () => {
    const input = Float32Array.of(0.1, -0.2, 0.3);
    assert.deepEqual(resample(input, 8000, 8000), input);
  });
});
