import { readFileSync, writeFileSync } from 'node:fs';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../../../lib/audio/wav-writer';
import { parseWavHeader, type ByteSource } from '../../../../lib/audio/wav-header';

/** Samples of a sine of the given level (0–1), 16 bits. */
export function sine(hz: number, ms: number, sampleRate = 8000, level = 0.5): Int16Array {
  const count = Math.round((ms * sampleRate) / 1000);
  return Int16Array.from({ length: count }, (_, index) =>
    Math.round(32767 * level * Math.sin((2 * Math.PI * hz * index) / sampleRate)),
  );
}

/** Writes 16-bit mono samples as a WAV file. */
export function writeWav(file: string, samples: Int16Array, sampleRate = 8000): void {
  const bytes = new Uint8Array(WAV_HEADER_BYTES + samples.byteLength);
  writeWavHeader(bytes, { sampleRate, channels: 1 }, samples.byteLength);
  bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), WAV_HEADER_BYTES);
  writeFileSync(file, bytes);
}

/** The channels of a 16-bit WAV file. */
export function readWav(file: string): { sampleRate: number; channels: Int16Array[]; durationMs: number } {
  const bytes = readFileSync(file);
  const source: ByteSource = {
    size: bytes.length,
    read: (from, count) => bytes.subarray(from, from + count),
  };
  const format = parseWavHeader(source);
  const data = bytes.subarray(format.dataOffset, format.dataOffset + format.dataBytes);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const channels = Array.from({ length: format.channels }, (_, channel) =>
    Int16Array.from({ length: format.frames }, (_unused, frame) =>
      view.getInt16(2 * (frame * format.channels + channel), true),
    ),
  );
  return { sampleRate: format.sampleRate, channels, durationMs: (format.frames * 1000) / format.sampleRate };
}

/** Length of the windows of `toneShare`, milliseconds. */
const WINDOW_MS = 50;

/**
 * Share of the energy of `samples` that lies at `hz`, 0–1: the median over windows of 50 ms, because a
 * deadline that a busy machine made us skip may break the tone once without meaning anything.
 */
export function toneShare(samples: Int16Array, hz: number, sampleRate = 8000): number {
  const size = (WINDOW_MS * sampleRate) / 1000;
  const count = Math.max(1, Math.floor(samples.length / size));
  const shares = Array.from({ length: count }, (_, index) =>
    windowShare(samples.subarray(index * size, (index + 1) * size), hz, sampleRate),
  );
  return shares.sort((a, b) => a - b)[count >> 1];
}

/** Length of the stretch that `purestShare` looks for, and the steps in which it does, milliseconds. */
const STRETCH_MS = 200;
const STRETCH_STEP_MS = 20;

/**
 * Share of the energy that lies at the given frequencies together, 0–1, in the stretch of 200 ms in which it is
 * largest: whether something sounds as it should once nothing disturbs it. Ten whole packets in a row cannot
 * be right by accident, and a machine that stalls now and then leaves enough of a second for one such stretch.
 */
export function purestShare(samples: Int16Array, frequencies: readonly number[], sampleRate = 8000): number {
  const size = (STRETCH_MS * sampleRate) / 1000;
  let best = 0;
  for (let from = 0; from + size <= samples.length; from += (STRETCH_STEP_MS * sampleRate) / 1000) {
    const stretch = samples.subarray(from, from + size);
    if (!soundSpan(stretch)) continue;
    const share = frequencies.reduce((sum, hz) => sum + windowShare(stretch, hz, sampleRate), 0);
    best = Math.max(best, share);
  }
  return best;
}

/** Goertzel over the whole of `samples`. */
export function windowShare(samples: Int16Array, hz: number, sampleRate = 8000): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / sampleRate);
  let s1 = 0;
  let s2 = 0;
  let energy = 0;
  for (const sample of samples) {
    const s0 = sample + coefficient * s1 - s2;
    s2 = s1;
    s1 = s0;
    energy += sample * sample;
  }
  const power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  return energy === 0 ? 0 : (2 * power) / (samples.length * energy);
}

/** First and last index where the level exceeds `threshold`, or undefined when it never does. */
export function soundSpan(samples: Int16Array, threshold = 500): { first: number; last: number } | undefined {
  const loud = (sample: number): boolean => Math.abs(sample) > threshold;
  const first = samples.findIndex(loud);
  return first < 0 ? undefined : { first, last: samples.findLastIndex(loud) };
}

/**
 * Digits that were heard as tones. A machine that stalls in the middle of a tone leaves a hole in it, after which the
 * rest of the tone counts as another digit: only then repeated digits are taken for one.
 *
 * @param disturbed 0 unless the sessions have counted anything of the kind: see `disturbedMs`.
 */
export function heardDigits(digits: string[], disturbed: number): string[] {
  return disturbed === 0 ? digits : digits.filter((digit, index) => digit !== digits[index - 1]);
}
