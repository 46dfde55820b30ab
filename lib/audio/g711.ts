import { alaw, mulaw } from 'alawmulaw';

/**
 * ITU-T G.711 by look-up tables: nothing is allocated and nothing branches per sample.
 *
 * Decoding tables come from the `alawmulaw` package, which is exact. Encoding follows the reference rule of
 * ITU-T G.191 (truncate towards the decision value below, negative values as one's complement), from which
 * that package's encoder departs for some inputs.
 */

/** PCMU code of silence: linear 0. */
export const PCMU_SILENCE = 0xff;
/** PCMA code of silence: linear +8, the smallest positive value. */
export const PCMA_SILENCE = 0xd5;

/** Linear 16-bit value of each PCMU code. */
export const PCMU_TO_LINEAR: Int16Array = decodeTable((code) => mulaw.decodeSample(code));
/** Linear 16-bit value of each PCMA code. */
export const PCMA_TO_LINEAR: Int16Array = decodeTable((code) => alaw.decodeSample(code));
/** PCMU code of each 16-bit value, indexed by the value's two's complement bits (`sample & 0xffff`). */
export const LINEAR_TO_PCMU: Uint8Array = encodeTable(compressMu);
/** PCMA code of each 16-bit value, indexed by the value's two's complement bits (`sample & 0xffff`). */
export const LINEAR_TO_PCMA: Uint8Array = encodeTable(compressA);
/** PCMA code of each PCMU code. */
export const PCMU_TO_PCMA: Uint8Array = PCMU_TO_LINEAR.reduce(
  transcodeInto(LINEAR_TO_PCMA),
  new Uint8Array(256),
);
/** PCMU code of each PCMA code. */
export const PCMA_TO_PCMU: Uint8Array = PCMA_TO_LINEAR.reduce(
  transcodeInto(LINEAR_TO_PCMU),
  new Uint8Array(256),
);

/**
 * Encodes 16-bit samples as PCMU, one byte per sample.
 *
 * @param output must hold `outputOffset + count` bytes; bytes outside that range stay as they are.
 * @param count samples to encode, from `inputOffset` on.
 */
export function encodePcmu(
  input: Int16Array,
  output: Uint8Array,
  outputOffset = 0,
  inputOffset = 0,
  count = input.length - inputOffset,
): void {
  for (let i = 0; i < count; i++) output[outputOffset + i] = LINEAR_TO_PCMU[input[inputOffset + i] & 0xffff];
}

/** Encodes 16-bit samples as PCMA; parameters as `encodePcmu`. */
export function encodePcma(
  input: Int16Array,
  output: Uint8Array,
  outputOffset = 0,
  inputOffset = 0,
  count = input.length - inputOffset,
): void {
  for (let i = 0; i < count; i++) output[outputOffset + i] = LINEAR_TO_PCMA[input[inputOffset + i] & 0xffff];
}

/**
 * Decodes PCMU bytes to 16-bit samples, one sample per byte.
 *
 * @param output must hold `outputOffset + count` samples; samples outside that range stay as they are.
 * @param count bytes to decode, from `inputOffset` on.
 */
export function decodePcmu(
  input: Uint8Array,
  output: Int16Array,
  outputOffset = 0,
  inputOffset = 0,
  count = input.length - inputOffset,
): void {
  for (let i = 0; i < count; i++) output[outputOffset + i] = PCMU_TO_LINEAR[input[inputOffset + i]];
}

/** Decodes PCMA bytes to 16-bit samples; parameters as `decodePcmu`. */
export function decodePcma(
  input: Uint8Array,
  output: Int16Array,
  outputOffset = 0,
  inputOffset = 0,
  count = input.length - inputOffset,
): void {
  for (let i = 0; i < count; i++) output[outputOffset + i] = PCMA_TO_LINEAR[input[inputOffset + i]];
}

/**
 * Recodes bytes with `PCMU_TO_PCMA` or `PCMA_TO_PCMU`. `input` and `output` may be the same array when the
 * offsets are the same.
 */
export function transcodeG711(
  table: Uint8Array,
  input: Uint8Array,
  output: Uint8Array,
  outputOffset = 0,
  inputOffset = 0,
  count = input.length - inputOffset,
): void {
  for (let i = 0; i < count; i++) output[outputOffset + i] = table[input[inputOffset + i]];
}

/** Mu-law works on 14 bits with a bias of 33; the segment is the position of the leading one. */
function compressMu(sample: number): number {
  const magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
  const segment = 26 - Math.clz32(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0f);
  return ~(sample < 0 ? code | 0x80 : code) & 0xff;
}

/** A-law works on 12 bits plus sign; its first two segments share one step size. Every even bit is inverted. */
function compressA(sample: number): number {
  const magnitude = (sample < 0 ? ~sample : sample) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const code = segment === 0 ? magnitude : (segment << 4) | ((magnitude >> (segment - 1)) & 0x0f);
  return (sample < 0 ? code : code | 0x80) ^ 0x55;
}

function decodeTable(decode: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => decode(code));
}

function encodeTable(compress: (sample: number) => number): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (let bits = 0; bits < table.length; bits++) table[bits] = compress((bits << 16) >> 16);
  return table;
}

function transcodeInto(encode: Uint8Array) {
  return (table: Uint8Array, sample: number, code: number): Uint8Array => {
    table[code] = encode[sample & 0xffff];
    return table;
  };
}
