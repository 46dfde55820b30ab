/** Tables of ITU-T G.722 for 64 kbit/s (mode 1). */

/** Decision levels of the 60-level lower-band quantiser, in units of the step size / 4096 (Q6). */
export const LOWER_DECISIONS = Int32Array.of(
  ...[35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714],
  ...[786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** Output levels of that quantiser by six-bit code, in units of the step size / 32768 (QM6). */
export const LOWER_LEVELS_6 = Int32Array.of(
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
export const LOWER_LEVELS_4 = Int32Array.of(
  ...[0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200],
  ...[20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0],
);

/** Step size multipliers of the lower band by the upper four bits of the code (WL by way of RL42). */
export const LOWER_MULTIPLIERS = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);

/** Codes of the lower band by quantiser interval, for negative and for other differences (ILN, ILP). */
export const LOWER_CODES_NEGATIVE = Uint8Array.of(63, 62, ...descending(31, 4));
export const LOWER_CODES_POSITIVE = Uint8Array.of(...descending(61, 32));

/** Output levels of the higher band by two-bit code (QM2). */
export const HIGHER_LEVELS = Int32Array.of(-7408, -1616, 7408, 1616);
/** Step size multipliers of the higher band by two-bit code (WH by way of RH2). */
export const HIGHER_MULTIPLIERS = Int32Array.of(798, -214, 798, -214);
/** The decision level of the higher band, in units of the step size / 4096 (Q2). */
export const HIGHER_DECISION = 564;

/** One half of the symmetric quadrature mirror filter. */
export const QMF = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

function descending(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, i) => from - i);
}
