/** IMA ADPCM as WAV files carry it: blocks that begin with a header per channel, then 4 bits per sample. */

const INDEX_STEPS: readonly number[] = [-1, -1, -1, -1, 2, 4, 6, 8];
const MAX_INDEX = 88;
const MAX_STEP = 32_767;

/** The step sizes of the IMA recommendation, each about a tenth above the last. */
const STEPS = Int32Array.of(
  ...[
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88,
  ],
  ...[97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658],
  ...[724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660],
  ...[4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289],
  ...[16_818, 18_500, 20_350, 22_385, 24_623, 27_086, 29_794, MAX_STEP],
);

/** Samples per channel in a block of this many bytes (the last block of a file may be short). */
export function imaFramesInBlock(bytes: number, channels: number): number {
  const header = 4 * channels;
  return bytes < header ? 0 : Math.floor((bytes - header) / header) * 8 + 1 + looseFrames(bytes, channels);
}

/** Only mono can end within a group of eight samples, because stereo stores four bytes of each channel in turn. */
function looseFrames(bytes: number, channels: number): number {
  return channels === 1 ? ((bytes - 4) % 4) * 2 : 0;
}

/**
 * Decodes one block into interleaved 16-bit samples.
 *
 * @param channels 1 or 2.
 * @param output must hold `imaFramesInBlock(block.length, channels) * channels` samples.
 * @returns samples per channel.
 */
export function decodeImaBlock(block: Uint8Array, channels: number, output: Int16Array): number {
  const frames = imaFramesInBlock(block.length, channels);
  for (let channel = 0; frames > 0 && channel < channels; channel++) {
    const head = 4 * channel;
    let value = ((block[head] | (block[head + 1] << 8)) << 16) >> 16;
    let index = Math.min(block[head + 2], MAX_INDEX);
    output[channel] = value;
    for (let frame = 1; frame < frames; frame++) {
      const nibble = (frame - 1) & 7;
      const group = 4 * channels + ((frame - 1) >> 3) * 4 * channels + 4 * channel;
      const code = (block[group + (nibble >> 1)] >> (4 * (nibble & 1))) & 0x0f;
      const step = STEPS[index];
      const change =
        (step >> 3) + (code & 4 ? step : 0) + (code & 2 ? step >> 1 : 0) + (code & 1 ? step >> 2 : 0);
      value = Math.max(-32_768, Math.min(32_767, code & 8 ? value - change : value + change));
      index = Math.max(0, Math.min(MAX_INDEX, index + INDEX_STEPS[code & 7]));
      output[frame * channels + channel] = value;
    }
  }
  return frames;
}
