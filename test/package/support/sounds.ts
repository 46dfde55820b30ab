import assert from 'node:assert/strict';
import { join } from 'node:path';
import { bestCorrelation, readWav } from '../../nodes/support/wav';
import { root } from './node-red';

/** A sound of 8 or 16 kHz that the package ships, as it may come out of a call with an 8 kHz codec. */
export function shippedSound(name: string): Float64Array[] {
  const { rate, channels } = readWav(join(root, 'resources', 'sounds', `${name}.wav`));
  return atEightKilohertz(channels[0] ?? new Float64Array(), rate);
}

/** How well any of the `phases` is found anywhere in `samples`, 0 to 1; good enough is good enough. */
export function likeness(samples: Float64Array, phases: Float64Array[]): number {
  return phases.reduce(
    (best, phase) => (best >= 0.95 ? best : Math.max(best, bestCorrelation(samples, phase))),
    0,
  );
}

/** Samples at 8 kHz: long enough for a piece of speech to be told from every other one. */
const SLICE = 1600;
/** Slices overlap by half, so that one late packet spoils few of a short sound's. */
const STEP = 800;

/**
 * The share of a sound's 200 ms slices that are found in `samples`, 0 to 1. Unlike the likeness of the
 * whole it forgives a packet that a busy machine sent late, which moves everything behind it.
 */
export function shareHeard(samples: Float64Array, phases: Float64Array[]): number {
  const [first = new Float64Array()] = phases;
  const count = Math.max(0, Math.floor((first.length - SLICE) / STEP) + 1);
  const starts = Array.from({ length: count }, (_, n) => n * STEP);
  const found = starts.filter(
    (at) =>
      likeness(
        samples,
        phases.map((phase) => phase.slice(at, at + SLICE)),
      ) >= 0.9,
  );
  return found.length / Math.max(1, starts.length);
}

/**
 * The sound at 8 kHz, once for each of the two halves that its samples fall into: an independent
 * decimation by a windowed sinc, because the converter under test must not be its own measure.
 */
function atEightKilohertz(samples: Float64Array, rate: number): Float64Array[] {
  if (rate === 8000) return [samples];
  assert.equal(rate, 16000);
  const half = 64;
  const taps = Array.from({ length: 2 * half + 1 }, (_, i) => {
    const n = i - half;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * n) / half);
    return window * (n === 0 ? 0.45 : Math.sin(Math.PI * 0.45 * n) / (Math.PI * n));
  });
  const filtered = Float64Array.from(samples, (_, at) =>
    taps.reduce((sum, tap, i) => sum + tap * (samples[at + i - half] ?? 0), 0),
  );
  return [0, 1].map((phase) => filtered.filter((_, n) => n % 2 === phase));
}
