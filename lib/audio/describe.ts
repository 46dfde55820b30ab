import { SipflowError } from '../common';
import { wavDurationMs, type WavFormat } from './wav-header';

/** Audio format of a file. */
export interface AudioDescription {
  container: string;
  encoding: string;
  /** Hz. */
  sampleRate: number;
  channels: number;
  bitsPerSample: number;
  durationMs: number;
}

/** One step of the conversion of a file before it is played. */
export type ConversionStep =
  | { kind: 'decode'; encoding: string; bitsPerSample: number }
  | { kind: 'mix'; channels: number }
  | { kind: 'resample'; from: number; to: number };

export interface ConversionDescription {
  source: AudioDescription;
  /** In the order in which they happen; empty when the file is played as it is. */
  steps: ConversionStep[];
  /** Why the strict option would refuse the file, or undefined when it would not. */
  mismatch?: string;
}

/**
 * Describes a file and its conversion for a call whose codec samples at `targetRate` Hz, as data for
 * the editor and for the strict option (pitfall 2). A different sample encoding is no mismatch, since every
 * file is encoded for the wire anyway; a different rate or channel count is.
 */
export function describeConversion(format: WavFormat, targetRate: number): ConversionDescription {
  const { container, encoding, sampleRate, channels, bitsPerSample } = format;
  const steps: ConversionStep[] = [];
  const mismatches: string[] = [];
  if (encoding !== 'pcm' || bitsPerSample !== 16) steps.push({ kind: 'decode', encoding, bitsPerSample });
  if (channels !== 1) {
    steps.push({ kind: 'mix', channels });
    mismatches.push(`${channelName(channels)} instead of mono`);
  }
  if (sampleRate !== targetRate) {
    steps.push({ kind: 'resample', from: sampleRate, to: targetRate });
    mismatches.push(`${sampleRate} Hz instead of ${targetRate} Hz`);
  }
  return {
    source: { container, encoding, sampleRate, channels, bitsPerSample, durationMs: wavDurationMs(format) },
    steps,
    mismatch: mismatches.length > 0 ? mismatches.join(' and ') : undefined,
  };
}

/** @throws SipflowError BAD_AUDIO naming the mismatch, when the file would have to be resampled or mixed down. */
export function assertPlayableAsIs(format: WavFormat, targetRate: number): void {
  const { mismatch } = describeConversion(format, targetRate);
  if (mismatch === undefined) return;
  throw new SipflowError(
    'BAD_AUDIO',
    `The audio is ${mismatch}. Convert the file, or turn off "strict" to have it converted while playing.`,
  );
}

function channelName(channels: number): string {
  return channels === 2 ? 'stereo' : `${channels} channels`;
}
