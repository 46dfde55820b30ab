import { type CodecDescription, type CodecName } from '../../../lib/audio';
import type { Coder } from '../../../lib/media/worker/codecs';

/** A codec that exists in tests only: the upper eight bits of each sample, with an offset of 128. */
const name = 'LINEAR8' as CodecName;

export const linear8: CodecDescription = {
  name,
  aliases: ['L8BIT'],
  encodingName: 'LINEAR8',
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  rtpmapChannels: 1,
  usualPayloadType: 121,
  fmtp: 'offset=128',
  packetTimes: [60, 40, 20],
  carriesTones: true,
  algorithmMs: 0,
  concealsItself: false,
  rated: false,
};

export const linear8Coder: Coder = {
  make: () => ({
    name,
    sampleRate: 8000,
    clockRate: 8000,
    samples: (_payload, _offset, length) => length,
    maxBytes: (ms) => 8 * ms,
    encode(pcm, count, payload, offset) {
      for (let n = 0; n < count; n++) payload[offset + n] = (pcm[n] >> 8) + 128;
      return count;
    },
    silence(count, payload, offset) {
      payload.fill(128, offset, offset + count);
      return count;
    },
    decode(payload, offset, length, pcm) {
      for (let n = 0; n < length; n++) pcm[n] = (payload[offset + n] - 128) << 8;
      return length;
    },
  }),
};
