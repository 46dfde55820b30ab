import { createHash } from 'node:crypto';
import { SipflowError } from '../../../common';
import { toInt16 } from '../../convert';
import { Resampler } from '../../resampler';
import { LISTENING_RATE } from '../detector';
import { PHASES } from './piece';
import { BandLevels, BANDS, HOP_SAMPLES } from './bands';
import { coarseTemplates } from './coarse-templates';
import { soundBounds } from './sound-bounds';
import { FRAME_SAMPLES } from './spectrum';
import { thresholdOf } from './threshold';
import type { PreparedReference } from './types';

/** Half a second. */
const TOP_FRAMES = 31;
/** Shortest audible part of a reference, milliseconds: less of a voice is in many words. */
const SHORTEST_MS = 300;
/** Longest reference, milliseconds. */
const LONGEST_MS = 60_000;

/**
 * Prepares a prompt to be listened for. Takes some milliseconds of processor time for each second of audio, so it has no
 * place in a media thread.
 *
 * @param samples mono, 16 bits.
 * @param sampleRate in Hz, any whole number.
 * @throws SipflowError BAD_AUDIO when it is silent, shorter than 300 ms, or longer than a minute.
 */
export function prepareReference(samples: Int16Array, sampleRate = LISTENING_RATE): PreparedReference {
  const durationMs = (samples.length / sampleRate) * 1000;
  if (durationMs > LONGEST_MS) {
    throw refused(`is ${seconds(durationMs)} long; at most ${seconds(LONGEST_MS)} can be listened for`);
  }
  const audio = atListeningRate(samples, sampleRate);
  const bounds = soundBounds(audio);
  if (!bounds) throw refused('is silent');
  const soundMs = milliseconds(bounds.end - bounds.start);
  if (soundMs < SHORTEST_MS) {
    throw refused(
      `has ${Math.round(soundMs)} ms of sound; it needs ${SHORTEST_MS} ms to be told from others`,
    );
  }
  const frames = Math.floor((bounds.end - bounds.start) / HOP_SAMPLES);
  const levels = levelsOf(audio, bounds.start, frames);
  return {
    digest: createHash('sha256').update(bytesOf(audio)).digest('base64url'),
    durationMs,
    soundStartMs: milliseconds(bounds.start),
    soundEndMs: milliseconds(bounds.end),
    threshold: thresholdOf(soundMs / 2, 0),
    frames,
    levels,
    tops: topsOf(levels, frames),
    ...coarseTemplates(levels, frames),
  };
}

function levelsOf(audio: Int16Array, start: number, frames: number): Float32Array {
  const padded = new Int16Array(audio.length + 2 * FRAME_SAMPLES);
  padded.set(audio);
  const levels = new Float32Array(new SharedArrayBuffer(PHASES * frames * BANDS * 4));
  const bands = new BandLevels();
  for (let phase = 0; phase < PHASES; phase++) {
    const offset = start + (phase * HOP_SAMPLES) / PHASES;
    for (let frame = 0; frame < frames; frame++) {
      bands.measure(padded, offset + frame * HOP_SAMPLES, levels, (phase * frames + frame) * BANDS);
    }
  }
  return levels;
}

/** Loudest level within half a second of each frame. */
function topsOf(levels: Float32Array, frames: number): Float32Array {
  const own = Float32Array.from({ length: frames }, (_, frame) =>
    levels
      .subarray(frame * BANDS, (frame + 1) * BANDS)
      .reduce((most, level) => Math.max(most, level), -Infinity),
  );
  const tops = new Float32Array(new SharedArrayBuffer(frames * 4));
  for (let frame = 0; frame < frames; frame++) {
    const near = own.subarray(Math.max(0, frame - TOP_FRAMES), frame + TOP_FRAMES + 1);
    tops[frame] = near.reduce((most, level) => Math.max(most, level), -Infinity);
  }
  return tops;
}

function atListeningRate(samples: Int16Array, sampleRate: number): Int16Array {
  if (sampleRate === LISTENING_RATE) return samples;
  const resampler = new Resampler(sampleRate, LISTENING_RATE);
  const scaled = Float32Array.from(samples, (sample) => sample / 32_768);
  const first = resampler.push(scaled).slice();
  const rest = resampler.end();
  const audio = new Int16Array(first.length + rest.length);
  toInt16(first, audio);
  toInt16(rest, audio, first.length);
  return audio;
}

function bytesOf(audio: Int16Array): Uint8Array {
  return new Uint8Array(audio.buffer, audio.byteOffset, audio.byteLength);
}

function milliseconds(samples: number): number {
  return (samples / LISTENING_RATE) * 1000;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function refused(what: string): SipflowError {
  return new SipflowError('BAD_AUDIO', `The reference ${what}.`, { field: 'reference' });
}
