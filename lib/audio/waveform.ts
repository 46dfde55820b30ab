import { decodePcma, decodePcmu } from './g711';
import { bytesSource, parseWavHeader, wavDurationMs, type WavFormat } from './wav-header';

/** Pieces of the time of a recording: one for each column or two of a wide screen. */
const PIECES = 600;
/** Channels that are drawn: the two sides of a call. */
const MOST_CHANNELS = 2;

/** What of a recording can be drawn. */
export interface Waveform {
  durationMs: number;
  /** For each channel the loudest sample of each piece, 0–255 of full scale. */
  peaks: Uint8Array[];
}

/**
 * The outline of a WAV file: 16-bit PCM, A-law or mu-law, as recordings are. Other encodings have a duration only.
 *
 * @throws SipflowError BAD_AUDIO for what is no readable WAV file
 */
export function waveformOf(bytes: Uint8Array): Waveform {
  const format = parseWavHeader(bytesSource(bytes));
  const durationMs = wavDurationMs(format);
  const samples = samplesOf(bytes, format);
  if (!samples) return { durationMs, peaks: [] };
  const channels = Math.min(MOST_CHANNELS, format.channels);
  const pieces = Math.min(PIECES, format.frames);
  const peaks = Array.from({ length: channels }, (_, channel) => {
    const outline = new Uint8Array(pieces);
    for (let piece = 0; piece < pieces; piece++) {
      const first = Math.floor((piece * format.frames) / pieces);
      const end = Math.floor(((piece + 1) * format.frames) / pieces);
      let loudest = 0;
      for (let frame = first; frame < end; frame++) {
        const sample = Math.abs(samples[frame * format.channels + channel]);
        if (sample > loudest) loudest = sample;
      }
      outline[piece] = Math.min(255, Math.round(loudest / 128));
    }
    return outline;
  });
  return { durationMs, peaks };
}

function samplesOf(bytes: Uint8Array, format: WavFormat): Int16Array | undefined {
  const { container, encoding, bitsPerSample, blockAlign, channels, dataOffset, frames } = format;
  const data = bytes.subarray(dataOffset, dataOffset + frames * blockAlign);
  if (encoding === 'mulaw' || encoding === 'alaw') {
    const samples = new Int16Array(data.length);
    (encoding === 'mulaw' ? decodePcmu : decodePcma)(data, samples);
    return samples;
  }
  const isUsual = encoding === 'pcm' && bitsPerSample === 16 && blockAlign === 2 * channels;
  if (!isUsual || container === 'RIFX') return undefined;
  // Samples begin at an even address of memory of their own.
  return new Int16Array(new Uint8Array(data).buffer);
}
