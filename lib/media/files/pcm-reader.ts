import {
  assertPlayableAsIs,
  type ByteSource,
  MAX_READ_BYTES,
  parseWavHeader,
  simplifyWav,
  toInt16,
  WavConverter,
  wavDurationMs,
  type WavFormat,
} from '../../audio';
import { SipflowError } from '../../common';

/** A WAV as 16-bit mono samples of the wanted rate, converted while it is read. */
export class PcmReader {
  readonly #source: ByteSource;
  readonly #format: WavFormat;
  readonly #targetRate: number;
  #converter: WavConverter | undefined;
  #offset: number;
  /** Converted but not yet asked for. */
  #pending = new Int16Array(0);

  /**
   * @param offsetMs where to begin; reading skips to there without converting what lies before.
   * @throws SipflowError BAD_AUDIO for what is no readable WAV, or with `strict` for one that has to be
   *   resampled or mixed down.
   */
  constructor(source: ByteSource, targetRate: number, strict: boolean, offsetMs = 0) {
    this.#source = simplifyWav(source);
    this.#format = parseWavHeader(this.#source);
    if (strict) assertPlayableAsIs(this.#format, targetRate);
    this.#targetRate = targetRate;
    this.#offset = this.#byteAt(offsetMs);
    this.#converter = new WavConverter(this.#format, targetRate);
  }

  /** Length of the whole file. */
  get durationMs(): number {
    return wavDurationMs(this.#format);
  }

  /** Starts over at the beginning. */
  rewind(): void {
    this.#offset = this.#byteAt(0);
    this.#converter = new WavConverter(this.#format, this.#targetRate);
    this.#pending = new Int16Array(0);
  }

  /** The next samples in an array of their own, fewer than `count` only at the end. */
  read(count: number): Int16Array<ArrayBuffer> {
    const samples = new Int16Array(count);
    let done = 0;
    while (done < count) {
      if (this.#pending.length === 0 && !this.#convertMore()) return samples.slice(0, done);
      const step = Math.min(count - done, this.#pending.length);
      samples.set(this.#pending.subarray(0, step), done);
      this.#pending = this.#pending.subarray(step);
      done += step;
    }
    return samples;
  }

  /** Converts another piece of the file; false when there is none. The piece may turn out empty. */
  #convertMore(): boolean {
    if (!this.#converter) return false;
    const end = this.#format.dataOffset + this.#format.dataBytes;
    const wanted = Math.min(MAX_READ_BYTES, end - this.#offset);
    if (wanted <= 0) {
      this.#keep(this.#converter.end());
      this.#converter = undefined;
      return true;
    }
    const bytes = this.#source.read(this.#offset, wanted);
    if (bytes.length === 0) {
      throw new SipflowError(
        'BAD_AUDIO',
        'The audio file became shorter while it was played; play it again.',
      );
    }
    this.#offset += bytes.length;
    this.#keep(this.#converter.push(bytes));
    return true;
  }

  #keep(samples: Float32Array): void {
    this.#pending = new Int16Array(samples.length);
    toInt16(samples, this.#pending);
  }

  /** The unit (frame, or block of a compressed file) that sounds at a moment. */
  #byteAt(ms: number): number {
    const { dataOffset, dataBytes, blockAlign, frames } = this.#format;
    const units = dataBytes / blockAlign;
    const share = Math.min(1, Math.max(0, (ms * this.#format.sampleRate) / 1000 / Math.max(1, frames)));
    return dataOffset + Math.floor(units * share) * blockAlign;
  }
}
