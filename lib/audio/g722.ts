import { G722Band, HIGHER_BAND, LOWER_BAND } from './g722-band';

// The tables of ITU-T G.722 for 64 kbit/s (mode 1). They are in this file because an imported name is looked up each time
// that it is used, and these are used for every sample.

/** Decision levels of the 60-level lower-band quantiser, in units of the step size / 4096 (Q6). */
const LOWER_DECISIONS = Int32Array.of(
  ...[35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714],
  ...[786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** Output levels of that quantiser by six-bit code, in units of the step size / 32768 (QM6). */
const LOWER_LEVELS_6 = Int32Array.of(
  ...[
    -136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192, -10_232,
  ],
  ...[
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032,
  ],
  ...[
    -1688, -1360, -1040, -728, 24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360,
  ],
  ...[
    8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728,
  ],
  ...[432, 136, -432, -136],
);

/** Output levels by the upper four bits of the code, which alone drive the adaptation (QM4). */
const LOWER_LEVELS_4 = Int32Array.of(
  ...[0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200],
  ...[20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0],
);

/** Step size multipliers of the lower band by the upper four bits of the code (WL by way of RL42). */
const LOWER_MULTIPLIERS = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);

/** Codes of the lower band by quantiser interval, for negative and for other differences (ILN, ILP). */
const LOWER_CODES_NEGATIVE = Uint8Array.of(63, 62, ...descending(31, 4));
const LOWER_CODES_POSITIVE = Uint8Array.of(...descending(61, 32));

/** Output levels of the higher band by two-bit code (QM2). */
const HIGHER_LEVELS = Int32Array.of(-7408, -1616, 7408, 1616);
/** Step size multipliers of the higher band by two-bit code (WH by way of RH2). */
const HIGHER_MULTIPLIERS = Int32Array.of(798, -214, 798, -214);
/** The decision level of the higher band, in units of the step size / 4096 (Q2). */
const HIGHER_DECISION = 564;

/** One half of the symmetric quadrature mirror filter. */
const QMF = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

function descending(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, i) => from - i);
}

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
