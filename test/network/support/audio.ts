import { writeFileSync } from 'node:fs';
import { findReference, type CorrelationMatch } from '../../../lib/audio/correlate';
import { readWav } from '../../nodes/support/wav';
import { noise } from '../../support/audio';
import { chunk, fmt, riff } from '../../support/wav-chunks';

const RATE = 8000;
const LEVEL = 3000;
/** Length of the pieces that are looked for one by one. */
const PIECE = RATE / 4;
/** Where a piece is looked for first: this many samples around the place that the one before tells. */
const NEAR = RATE / 10;
/** A sender that a busy machine stalls skips packets, and says so: what follows is later by as much. */
const LONGEST_STALL = 2 * RATE;
/** What is looked for first, to learn where the pieces are. */
const BEGINNING = 2 * RATE;
/** A piece with this correlation is there; one with a gap of up to half of it, too. */
const ALIKE = 0.7;

/** Samples of noise that make one of the reference. */
const SMOOTHED = 4;

/**
 * Noise in which no moment is like another, another one for each seed. As in speech, most of it is below 1 kHz: a recording
 * follows the clock of the sender, as far as jitter lets it be known, so that a piece may lie between two samples. White
 * noise half a sample away is hardly alike.
 */
export function reference(seconds: number, seed: number): Int16Array {
  const white = noise(seconds * RATE + SMOOTHED, LEVEL, seed);
  return Int16Array.from({ length: seconds * RATE }, (_, n) =>
    Math.round(white.slice(n, n + SMOOTHED).reduce((sum, sample) => sum + sample, 0) / Math.sqrt(SMOOTHED)),
  );
}

/** Writes 16-bit samples at 8 kHz as a WAV file and returns its path. */
export function writeWav(file: string, samples: Int16Array): string {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  writeFileSync(file, riff([fmt({ rate: RATE }), chunk('data', bytes)]));
  return file;
}

export interface Heard {
  /** Median correlation of the reference's pieces with the best place of the recording, −1 to 1. */
  correlation: number;
  /** Pieces that are there, in the right place, of how many. */
  found: number;
  pieces: number;
}

/** How much of a reference, piece after piece in the right places, is in a recording. */
export function heard(file: string, wanted: Int16Array): Heard {
  const { channels } = readWav(file);
  const recording = channels[0] ?? new Float64Array();
  let place = findReference(recording, wanted.slice(0, BEGINNING)).lag;
  const look = (n: number, ahead: number): CorrelationMatch => {
    const from = Math.max(0, n * PIECE + place - NEAR);
    const window = recording.slice(from, (n + 1) * PIECE + place + ahead);
    const { correlation, lag } = findReference(window, wanted.slice(n * PIECE, (n + 1) * PIECE));
    return { correlation, lag: from + lag - n * PIECE };
  };
  const correlations = Array.from({ length: Math.floor(wanted.length / PIECE) }, (_, n) => {
    const near = look(n, NEAR);
    const match = near.correlation > ALIKE ? near : look(n, LONGEST_STALL);
    if (match.correlation > ALIKE) place = match.lag;
    return match.correlation;
  });
  return {
    correlation: median(correlations),
    found: correlations.filter((correlation) => correlation > ALIKE).length,
    pieces: correlations.length,
  };
}

/** The middle one of some values; 0 when there are none. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
