import { writeFileSync } from 'node:fs';
import { findReference } from '../../../lib/audio/correlate';
import { readWav } from '../../nodes/support/wav';
import { noise } from '../../support/audio';
import { chunk, fmt, riff } from '../../support/wav-chunks';

const RATE = 8000;
const LEVEL = 3000;
/** Length of the pieces that are looked for one by one. */
const PIECE = RATE / 2;
/** How far a piece may be from where the one before says, in samples: a sender that a busy machine stalls skips some. */
const MOST_SHIFT = RATE / 5;
/** What is looked for first, to learn where the pieces are. */
const BEGINNING = 2 * RATE;
/** A piece with this correlation is there; one with a gap of up to half of it, too. */
const ALIKE = 0.7;

/** Noise in which no moment is like another, another one for each seed. */
export function reference(seconds: number, seed: number): Int16Array {
  return noise(seconds * RATE, LEVEL, seed);
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
  /** Share of pieces that are there, in the right place. */
  share: number;
}

/** How much of a reference, piece after piece in the right places, is in a recording. */
export function heard(file: string, wanted: Int16Array): Heard {
  const { channels } = readWav(file);
  const recording = channels[0] ?? new Float64Array();
  let place = findReference(recording, wanted.slice(0, BEGINNING)).lag;
  const correlations = Array.from({ length: Math.floor(wanted.length / PIECE) }, (_, n) => {
    const from = Math.max(0, n * PIECE + place - MOST_SHIFT);
    const window = recording.slice(from, n * PIECE + place + PIECE + MOST_SHIFT);
    const { correlation, lag } = findReference(window, wanted.slice(n * PIECE, (n + 1) * PIECE));
    if (correlation > ALIKE) place = from + lag - n * PIECE;
    return correlation;
  });
  return {
    correlation: median(correlations),
    share: correlations.filter((correlation) => correlation > ALIKE).length / correlations.length,
  };
}

/** The middle one of some values; 0 when there are none. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
