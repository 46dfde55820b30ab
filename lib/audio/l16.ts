/**
 * L16 as RTP carries it (RFC 3551 4.5.11): signed 16-bit samples in network byte order. Written byte by byte,
 * so that neither the machine's byte order nor the payload's alignment matters.
 */

/**
 * Encodes samples into two bytes each.
 *
 * @param outputOffset in bytes; `output` must hold `outputOffset + 2 * count` bytes.
 * @param count samples to encode, from `inputOffset` on.
 */
export function encodeL16(
  input: Int16Array,
  output: Uint8Array,
  outputOffset = 0,
  inputOffset = 0,
  count = input.length - inputOffset,
): void {
  for (let i = 0, at = outputOffset; i < count; i++, at += 2) {
    const sample = input[inputOffset + i];
    output[at] = sample >> 8;
    output[at + 1] = sample;
  }
}

/**
 * Decodes two bytes per sample; a last odd byte is left over.
 *
 * @param inputOffset in bytes; `outputOffset` in samples.
 * @param count samples to decode.
 */
export function decodeL16(
  input: Uint8Array,
  output: Int16Array,
  outputOffset = 0,
  inputOffset = 0,
  count = (input.length - inputOffset) >> 1,
): void {
  for (let i = 0, at = inputOffset; i < count; i++, at += 2) {
    output[outputOffset + i] = (input[at] << 8) | input[at + 1];
  }
}
