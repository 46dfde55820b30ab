import assert from 'node:assert/strict';
import { toneAmplitude } from '../../../lib/audio/goertzel';
import { LevelMeter, rmsDbfs } from '../../../lib/audio/level';
import { levelDbfs, mix, noise, sines } from '../../support/audio';

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);

describe('level meter', () => {
  it('reads 0 dBFS for a full-scale square and −3 dBFS for a full-scale sine', () => {
    assert.equal(rmsDbfs(new Int16Array(100).fill(-32_768)), 0);
    near(rmsDbfs(sines([1000], 8000, 1, 32_767)), -3.01, 0.01);
  });

  it('measures RMS and peak of a stream in any pieces', () => {
    const samples = mix(sines([300, 700], 8000, 1), noise(8000, 1000));
    const meter = new LevelMeter();
    for (let i = 0; i < samples.length; i += 37) meter.add(samples, i, Math.min(37, samples.length - i));
    near(meter.rmsDbfs, levelDbfs(samples), 1e-9);
    near(meter.peakDbfs, 20 * Math.log10(Math.max(...samples.map(Math.abs)) / 32_768), 1e-9);
    assert.equal(meter.samples, 8000);
    meter.reset();
    meter.add(Int16Array.of(-32_768));
    assert.equal(meter.peakDbfs, 0);
  });

  it('calls silence, and nothing at all, minus infinity', () => {
    assert.equal(rmsDbfs(new Int16Array(160)), -Infinity);
    const meter = new LevelMeter();
    assert.equal(meter.rmsDbfs, -Infinity);
    assert.equal(meter.peakDbfs, -Infinity);
  });
});

describe('Goertzel', () => {
  it('measures the amplitude of one frequency among others', () => {
    const samples = sines([440, 1000, 2500], 8000, 0.5, 5000);
    for (const hz of [440, 1000, 2500]) near(toneAmplitude(samples, hz, 8000), 5000, 50);
    near(toneAmplitude(samples, 1700, 8000), 0, 50);
    near(toneAmplitude(samples, 440, 8000, 800, 800), 5000, 50);
    assert.equal(toneAmplitude(samples, 440, 8000, 0, 0), 0);
  });
});
