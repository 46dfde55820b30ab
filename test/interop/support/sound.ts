import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findReference } from '../../../lib/audio/correlate';
import { encodePcma } from '../../../lib/audio/g711';
import { amplitudeAt, chirp, join, silence } from '../../support/audio';
import { chunk, fmt, riff } from '../../support/wav-chunks';
import { readWav } from '../../nodes/support/wav';

const RATE = 8000;

/** Two seconds of a rising tone, in which no moment is like another: it shows gaps, shifts and noise. */
export const SWEEP = chirp(300, 3000, RATE, 2);

/** File of the sweep, below the user directory of a flow. */
export const SWEEP_FILE = 'sweep.wav';

/** Writes the sweep, with a pause behind it for the echo to come back; some times over for a peer that says it. */
export function writeSweep(folder: string, times = 1): void {
  const samples = join(...Array.from({ length: times }, () => join(SWEEP, silence(RATE, 0.8))));
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  writeFileSync(resolve(folder, SWEEP_FILE), riff([fmt({ rate: RATE }), chunk('data', bytes)]));
}

/** The same as raw A-law, for a peer that plays such. */
export const SWEEP_ALAW = 'sweep.al';

export function sweepAlaw(): Uint8Array {
  const samples = join(SWEEP, silence(RATE, 0.8));
  const bytes = new Uint8Array(samples.length);
  encodePcma(samples, bytes);
  return bytes;
}

/** Seconds of a WAV file, from its start, as samples. */
export function excerpt(path: string, fromSeconds: number, seconds: number): Int16Array {
  const { rate, channels } = readWav(path);
  const part = channels[0]?.slice(fromSeconds * rate, (fromSeconds + seconds) * rate) ?? [];
  return Int16Array.from(part, (sample) => Math.round(sample * 32768));
}

/** Length of the pieces that are looked for one by one. */
const PIECE = RATE / 4;
/** How far a piece may be from where the first ones are: what jitter buffers add when a machine stalls. */
const MOST_SHIFT = RATE / 2;

interface PieceMatch {
  correlation: number;
  /** How far behind its place in the reference it was heard, in samples. */
  shift: number;
}

/**
 * Fails unless a reference is in a recording, piece after piece in the right places. A busy machine may cost a
 * quarter of the pieces: a packet that came too late shifts what follows, and a piece across a shift matches badly.
 *
 * @param recording at 8 kHz; one of which every second sample was left out may lie between those of the reference
 */
export function assertHeard(recording: Int16Array, reference: Int16Array): void {
  const plain = bestMatches(recording, reference);
  const between = isHeard(plain) ? plain : bestMatches(recording, halfSampleLater(reference));
  const best = goodOf(between) > goodOf(plain) ? between : plain;
  const told = best.map(({ correlation, shift }) => `${correlation.toFixed(2)} at ${shift}`).join(', ');
  assert.ok(isHeard(best), `in ${(recording.length / RATE).toFixed(1)} s the pieces correlate ${told}`);
}

/** Whether any piece of a reference is in a recording. */
export function isPartlyHeard(recording: Int16Array, reference: Int16Array): boolean {
  return goodOf(bestMatches(recording, reference)) > 0;
}

/** A sound as it is between its samples; high tones lose level by it, which a correlation does not mind. */
function halfSampleLater(samples: Int16Array): Int16Array {
  return samples.map((sample, n) => Math.round((sample + (samples[n + 1] ?? 0)) / 2));
}

/** How many pieces were found. */
const goodOf = (found: readonly PieceMatch[]): number =>
  found.filter(({ correlation }) => correlation > 0.95).length;

const isHeard = (found: readonly PieceMatch[]): boolean => goodOf(found) >= 0.75 * found.length;

/** Each piece of a reference where it fits best together with the others. */
function bestMatches(recording: Int16Array, reference: Int16Array): PieceMatch[] {
  const starts = Array.from({ length: Math.floor(reference.length / PIECE) }, (_, n) => n * PIECE);
  // What was played twice is found in either place, so every place that a piece was found at is tried for all.
  const anchors = new Set(starts.map((start) => matchOf(recording, reference, start).shift));
  const tries = [...anchors].map((anchor) =>
    starts.map((start) => matchOf(recording, reference, start, anchor)),
  );
  return tries.reduce((most, found) => (goodOf(found) > goodOf(most) ? found : most));
}

/** Where a piece of the reference is most like the recording: anywhere, or not far from where others were found. */
function matchOf(
  recording: Int16Array,
  reference: Int16Array,
  start: number,
  anchor: number | null = null,
): PieceMatch {
  const from = anchor === null ? 0 : Math.max(0, start + anchor - MOST_SHIFT);
  const to = anchor === null ? recording.length : Math.max(0, start + anchor + PIECE + MOST_SHIFT);
  const { correlation, lag } = findReference(
    recording.slice(from, to),
    reference.slice(start, start + PIECE),
  );
  return { correlation, shift: from + lag - start };
}

/** What a busy machine tore is spread over neighbours, so that many short places are listened to. */
const TONE_PIECE = RATE / 8;

/** Fails unless somewhere in the last two seconds of a recording there is a tone and nothing else. */
export function assertTone(samples: Int16Array, hertz: number, what: string): void {
  const places = Array.from({ length: 29 }, (_, n) => samples.length - 2 * RATE + (n * TONE_PIECE) / 2);
  const shares = places.map((start) => shareOf(hertz, samples.slice(Math.max(0, start), start + TONE_PIECE)));
  const best = Math.max(...shares);
  assert.ok(best > 0.8, `${what} has ${best.toFixed(2)} of its tone of ${hertz} Hz at best`);
}

/** Which part of a sound's power a tone makes, 0 to 1. */
function shareOf(hertz: number, samples: Int16Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return power > 0 ? amplitudeAt(samples, hertz, RATE) ** 2 / 2 / power : 0;
}
