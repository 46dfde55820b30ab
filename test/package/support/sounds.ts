import { join } from 'node:path';
import { bestCorrelation, readWav } from '../../nodes/support/wav';
import { root } from './node-red';

/** A sound that the package ships, as it may come out of a call with an 8 kHz codec. */
export function shippedSound(name: string): Float64Array[] {
  const { rate, channels } = readWav(join(root, 'resources', 'sounds', `${name}.wav`));
  const [first = new Float64Array()] = channels;
  const mono = first.map((_, n) => channels.reduce((sum, each) => sum + (each[n] ?? 0), 0) / channels.length);
  return rate === 8000 ? [mono] : atEightKilohertz(mono, rate);
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

/** Fractions of an 8 kHz sample at which the sound may have been sampled on its way. */
const PHASES = [0, 0.25, 0.5, 0.75];
const HALF_WIDTH = 32;
/** Of the low-pass, as a share of 8 kHz. */
const CUTOFF = 0.45;

/**
 * The sound at 8 kHz, once for each phase: an independent decimation by a windowed sinc, because the
 * converter under test must not be its own measure.
 */
function atEightKilohertz(samples: Float64Array, rate: number): Float64Array[] {
  const ratio = rate / 8000;
  const tapAt = (distance: number): number => {
    const x = 2 * CUTOFF * distance;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / HALF_WIDTH);
    return ((x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window * 2 * CUTOFF) / ratio;
  };
  const sampleAt = (time: number): number => {
    let sum = 0;
    const last = Math.min(samples.length - 1, Math.floor((time + HALF_WIDTH) * ratio));
    for (let n = Math.max(0, Math.ceil((time - HALF_WIDTH) * ratio)); n <= last; n++)
      sum += (samples[n] ?? 0) * tapAt(time - n / ratio);
    return sum;
  };
  const count = Math.floor(samples.length / ratio);
  return PHASES.map((phase) => Float64Array.from({ length: count }, (_, n) => sampleAt(n + phase)));
}
