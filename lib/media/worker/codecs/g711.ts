import {
  CODECS,
  decodePcma,
  decodePcmu,
  encodePcma,
  encodePcmu,
  PCMA_SILENCE,
  PCMU_SILENCE,
} from '../../../audio';
import type { Coder, FrameCodec } from './frame-codec';

// They remember nothing, so that one of each serves all sessions of the thread.
const PCMU = g711('PCMU', encodePcmu, decodePcmu, PCMU_SILENCE);
const PCMA = g711('PCMA', encodePcma, decodePcma, PCMA_SILENCE);

export const pcmu: Coder = { make: () => PCMU };
export const pcma: Coder = { make: () => PCMA };

function g711(
  name: 'PCMU' | 'PCMA',
  encodeInto: typeof encodePcmu,
  decodeInto: typeof decodePcmu,
  silenceCode: number,
): FrameCodec {
  const { sampleRate, clockRate } = CODECS[name];
  return {
    name,
    sampleRate,
    clockRate,
    bytewise: true,
    samples: (_payload, _offset, length) => length,
    maxBytes: (ms) => 8 * ms,
    encode(pcm, count, payload, offset) {
      encodeInto(pcm, payload, offset, 0, count);
      return count;
    },
    silence(count, payload, offset) {
      payload.fill(silenceCode, offset, offset + count);
      return count;
    },
    decode(payload, offset, length, pcm) {
      decodeInto(payload, pcm, 0, offset, length);
      return length;
    },
  };
}
