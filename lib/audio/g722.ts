import { G722Band, HIGHER_BAND, LOWER_BAND } from './g722-band';
import {
  HIGHER_DECISION,
  HIGHER_LEVELS,
  HIGHER_MULTIPLIERS,
  LOWER_CODES_NEGATIVE,
  LOWER_CODES_POSITIVE,
  LOWER_DECISIONS,
  LOWER_LEVELS_4,
  LOWER_LEVELS_6,
  LOWER_MULTIPLIERS,
  QMF,
} from './g722-tables';

/** Sub-band signals have 15 bits. */
const SUB_BAND_MAX = 16_383;
const SUB_BAND_MIN = -16_384;

/**
 * G.722 at 64 kbit/s: 16 kHz audio in two sub-bands of ADPCM, one byte for two samples. One object per stream
 * and direction, since the codec has memory. Nothing is allocated after construction.
 */
export class G722Encoder {
  readonly #lower = new G722Band(LOWER_BAND);
  readonly #higher = new G722Band(HIGHER_BAND);
  readonly #window = new QmfWindow();

  /**
   * Encodes 16 kHz samples, two into each byte.
   *
   * @param output must hold `outputOffset + count / 2` bytes.
   * @param count samples to encode from `inputOffset` on; a last odd one is left over.
   * @returns the bytes written.
   */
  encode(
    input: Int16Array,
    output: Uint8Array,
    outputOffset = 0,
    inputOffset = 0,
    count = input.length - inputOffset,
  ): number {
    const bytes = count >> 1;
    for (let i = 0; i < bytes; i++) {
      this.#window.shift(input[inputOffset + 2 * i], input[inputOffset + 2 * i + 1]);
      const odd = this.#window.older();
      const even = this.#window.newer();
      const low = this.#encodeLower((even + odd) >> 14);
      const high = this.#encodeHigher((even - odd) >> 14);
      output[outputOffset + i] = (high << 6) | low;
    }
    return bytes;
  }

  #encodeLower(sample: number): number {
    const band = this.#lower;
    const difference = sample - band.prediction;
    const magnitude = difference < 0 ? ~difference : difference;
    let interval = 0;
    while (interval < LOWER_DECISIONS.length && magnitude >= (LOWER_DECISIONS[interval] * band.step) >> 12) {
      interval++;
    }
    const code = (difference < 0 ? LOWER_CODES_NEGATIVE : LOWER_CODES_POSITIVE)[interval];
    adaptLower(band, code);
    return code;
  }

  #encodeHigher(sample: number): number {
    const band = this.#higher;
    const difference = sample - band.prediction;
    const magnitude = difference < 0 ? ~difference : difference;
    const outer = magnitude >= (HIGHER_DECISION * band.step) >> 12;
    const code = (difference < 0 ? 0 : 2) + (outer ? 0 : 1);
    adaptHigher(band, code);
    return code;
  }
}

/** The receiving side; see `G722Encoder`. Any byte decodes to something. */
export class G722Decoder {
  readonly #lower = new G722Band(LOWER_BAND);
  readonly #higher = new G722Band(HIGHER_BAND);
  readonly #window = new QmfWindow();

  /**
   * Decodes bytes into two 16 kHz samples each.
   *
   * @param output must hold `outputOffset + 2 * count` samples.
   * @param count bytes to decode, from `inputOffset` on.
   * @returns the samples written.
   */
  decode(
    input: Uint8Array,
    output: Int16Array,
    outputOffset = 0,
    inputOffset = 0,
    count = input.length - inputOffset,
  ): number {
    for (let i = 0; i < count; i++) {
      const code = input[inputOffset + i];
      const low = this.#decodeLower(code & 0x3f);
      const high = this.#decodeHigher(code >> 6);
      this.#window.shift(low + high, low - high);
      output[outputOffset + 2 * i] = clip(this.#window.newer() >> 11);
      output[outputOffset + 2 * i + 1] = clip(this.#window.older() >> 11);
    }
    return 2 * count;
  }

  #decodeLower(code: number): number {
    const band = this.#lower;
    const sample = subBand(band.prediction + ((band.step * LOWER_LEVELS_6[code]) >> 15));
    adaptLower(band, code);
    return sample;
  }

  #decodeHigher(code: number): number {
    const band = this.#higher;
    const sample = subBand(band.prediction + ((band.step * HIGHER_LEVELS[code]) >> 15));
    adaptHigher(band, code);
    return sample;
  }
}

/** The 24 newest samples of the quadrature mirror filter, which splits the bands and joins them again. */
class QmfWindow {
  /** Written twice, half a buffer apart, so that the newest 24 always lie in one piece. */
  readonly #samples = new Int32Array(48);
  #start = 0;

  shift(first: number, second: number): void {
    this.#samples[this.#start] = this.#samples[this.#start + 24] = first;
    this.#samples[this.#start + 1] = this.#samples[this.#start + 25] = second;
    this.#start = (this.#start + 2) % 24;
  }

  /** The filter over the first sample of every pair. */
  older(): number {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += this.#samples[this.#start + 2 * i] * QMF[i];
    return sum;
  }

  /** The filter over the second sample of every pair. */
  newer(): number {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += this.#samples[this.#start + 2 * i + 1] * QMF[11 - i];
    return sum;
  }
}

/** Only the upper four bits of the lower code drive the adaptation, as the lower two may be stolen for data. */
function adaptLower(band: G722Band, code: number): void {
  const difference = (band.step * LOWER_LEVELS_4[code >> 2]) >> 15;
  band.adaptStep(LOWER_MULTIPLIERS[code >> 2]);
  band.predict(difference);
}

function adaptHigher(band: G722Band, code: number): void {
  const difference = (band.step * HIGHER_LEVELS[code]) >> 15;
  band.adaptStep(HIGHER_MULTIPLIERS[code]);
  band.predict(difference);
}

function subBand(value: number): number {
  return value > SUB_BAND_MAX ? SUB_BAND_MAX : value < SUB_BAND_MIN ? SUB_BAND_MIN : value;
}

function clip(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}
