import { CODECS, G722Decoder, G722Encoder } from '../../../audio';
import type { Coder, FrameCodec } from './frame-codec';

/** The longest packet of 16 kHz audio. */
const ZEROS = new Int16Array(16 * 60);

export const g722: Coder = { make };

/** Two samples in each byte; the RTP clock counts bytes, as RFC 3551 (4.5.2) has it. */
function make(): FrameCodec {
  const { sampleRate, clockRate } = CODECS.G722;
  const encoder = new G722Encoder();
  const decoder = new G722Decoder();
  return {
    name: 'G722',
    sampleRate,
    clockRate,
    samples: (_payload, _offset, length) => 2 * length,
    maxBytes: (ms) => 8 * ms,
    encode: (pcm, count, payload, offset) => encoder.encode(pcm, payload, offset, 0, count),
    // No byte means silence by itself: the decoder follows the encoder's memory, so zeros are encoded.
    silence: (count, payload, offset) => encoder.encode(ZEROS, payload, offset, 0, count),
    decode: (payload, offset, length, pcm) => decoder.decode(payload, pcm, 0, offset, length),
  };
}
