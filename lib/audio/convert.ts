import { SipflowError } from '../common';
import { simplifyWav } from './rare-wav';
import { Resampler } from './resampler';
import { SampleDecoder } from './sample-decoder';
import { bytesSource, MAX_READ_BYTES, parseWavHeader, type ByteSource, type WavFormat } from './wav-header';

/**
 * Converts the data bytes of a WAV file to mono at another sample rate, chunk by chunk: decode, average the
 * channels, resample. Audio that already is mono at the target rate passes bit by bit. Memory depends on the
 * size of the chunks, not of the file.
 */
export class WavConverter {
  readonly #decoder: SampleDecoder;
  readonly #resampler: Resampler;

  /**
   * @param format as `parseWavHeader` returns it; not RIFX (see `simplifyWav`).
   * @param targetRate in Hz.
   */
  constructor(format: WavFormat, targetRate: number) {
    this.#decoder = new SampleDecoder(format);
    this.#resampler = new Resampler(format.sampleRate, targetRate);
  }

  /**
   * @param bytes the next bytes of the data chunk, of any length.
   * @returns the samples that they complete, full scale 1; valid until the next call.
   */
  push(bytes: Uint8Array): Float32Array {
    return this.#resampler.push(this.#decoder.decode(bytes));
  }

  /** @returns the last samples. Call it once, after the last `push`. */
  end(): Float32Array {
    const last = this.#resampler.push(this.#decoder.end()).slice();
    const rest = this.#resampler.end();
    const both = new Float32Array(last.length + rest.length);
    both.set(last);
    both.set(rest, last.length);
    return both;
  }
}

/**
 * Rounds samples with full scale 1 to 16 bits. Louder samples are limited to full scale instead of
 * wrapping around; there is no dither, so 16-bit audio passes unchanged.
 *
 * @param output must hold `outputOffset + input.length` samples.
 */
export function toInt16(input: Float32Array, output: Int16Array, outputOffset = 0): void {
  for (let i = 0; i < input.length; i++) {
    output[outputOffset + i] = Math.max(-32_768, Math.min(32_767, Math.round(input[i] * 32_768)));
  }
}

/** Samples that a file has after conversion to another rate. */
export function convertedFrames(format: WavFormat, targetRate: number): number {
  return Math.round((format.frames * targetRate) / format.sampleRate);
}

/**
 * Converts a whole file to 16-bit mono, piece by piece, for callers that keep the result in memory or write it
 * elsewhere.
 *
 * @param source the file or its bytes; RIFX is read as a whole and limited in size.
 * @throws SipflowError BAD_AUDIO for what is no readable WAV file.
 */
export function* convertWav(source: ByteSource, targetRate: number): Generator<Int16Array, void, void> {
  const plain = simplifyWav(source);
  const format = parseWavHeader(plain);
  const converter = new WavConverter(format, targetRate);
  const end = format.dataOffset + format.dataBytes;
  for (let offset = format.dataOffset; offset < end;) {
    const bytes = plain.read(offset, Math.min(MAX_READ_BYTES, end - offset));
    offset += bytes.length;
    if (bytes.length === 0) {
      throw new SipflowError('BAD_AUDIO', 'The audio became shorter while it was read; play it again.');
    }
    yield rounded(converter.push(bytes));
  }
  yield rounded(converter.end());
}

/** Converts a WAV file in memory to 16-bit mono at once; meant for short sounds. */
export function convertWavBytes(bytes: Uint8Array, targetRate: number): Int16Array {
  const pieces = [...convertWav(bytesSource(bytes), targetRate)];
  const samples = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    samples.set(piece, offset);
    offset += piece.length;
  }
  return samples;
}

function rounded(samples: Float32Array): Int16Array {
  const output = new Int16Array(samples.length);
  toInt16(samples, output);
  return output;
}
