import { CODECS, decodeL16, encodeL16 } from '../../../audio';
import type { Coder, FrameCodec } from './frame-codec';

// It remembers nothing, so that one serves all sessions of the thread.
const L16 = make();

export const l16: Coder = { make: () => L16 };

function make(): FrameCodec {
  const { sampleRate, clockRate } = CODECS.L16;
  return {
    name: 'L16',
    sampleRate,
    clockRate,
    samples: (_payload, _offset, length) => length >> 1,
    maxBytes: (ms) => 32 * ms,
    encode(pcm, count, payload, offset) {
      encodeL16(pcm, payload, offset, 0, count);
      return 2 * count;
    },
    silence(count, payload, offset) {
      payload.fill(0, offset, offset + 2 * count);
      return 2 * count;
    },
    decode(payload, offset, length, pcm) {
      decodeL16(payload, pcm, 0, offset, length >> 1);
      return length >> 1;
    },
  };
}
