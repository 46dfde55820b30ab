import { CODECS, type CodecName } from '../../audio/codecs';
import { decodePcma, decodePcmu, encodePcma, encodePcmu, PCMA_SILENCE, PCMU_SILENCE } from '../../audio/g711';
import { G722Decoder, G722Encoder } from '../../audio/g722';
import { decodeL16, encodeL16 } from '../../audio/l16';
import { SipflowError } from '../../common/errors';

/**
 * One direction-independent view of a codec for a session: payload bytes to 16-bit samples and back.
 * A codec with memory (G.722) keeps one state per object, so each session has its own. Nothing allocates.
 */
export interface FrameCodec {
  readonly name: CodecName;
  /** Sample rate of the audio, Hz. */
  readonly sampleRate: number;
  /** RTP clock, Hz. */
  readonly clockRate: number;
  /** Samples in a payload of `bytes`. */
  samples(bytes: number): number;
  /** Bytes of a payload of `samples`. */
  bytes(samples: number): number;
  /** Encodes `count` samples into `payload` from `offset` on; returns the bytes written. */
  encode(pcm: Int16Array, count: number, payload: Uint8Array, offset: number): number;
  /** Writes `count` samples of silence; returns the bytes written. */
  silence(count: number, payload: Uint8Array, offset: number): number;
  /** Decodes `length` bytes into `pcm`; returns the samples written. Any bytes are fine. */
  decode(payload: Uint8Array, offset: number, length: number, pcm: Int16Array): number;
}

/** The longest packet of 16 kHz audio. */
const ZEROS = new Int16Array(16 * 60);

/** Whether `createFrameCodec` can make this codec. */
export function canCode(name: CodecName): boolean {
  return name !== 'OPUS';
}

/** Makes the codec for one session. Throws NO_COMMON_CODEC for one that this engine cannot code. */
export function createFrameCodec(name: CodecName): FrameCodec {
  switch (name) {
    case 'PCMU':
      return g711(name, encodePcmu, decodePcmu, PCMU_SILENCE);
    case 'PCMA':
      return g711(name, encodePcma, decodePcma, PCMA_SILENCE);
    case 'G722':
      return g722();
    case 'L16':
      return l16();
    default:
      throw new SipflowError(
        'NO_COMMON_CODEC',
        `This engine cannot code ${name}. Use PCMU, PCMA, G722 or L16.`,
      );
  }
}

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
    samples: (bytes) => bytes,
    bytes: (samples) => samples,
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

/** Two samples in each byte; the RTP clock counts bytes, as RFC 3551 (4.5.2) has it. */
function g722(): FrameCodec {
  const { sampleRate, clockRate } = CODECS.G722;
  const encoder = new G722Encoder();
  const decoder = new G722Decoder();
  return {
    name: 'G722',
    sampleRate,
    clockRate,
    samples: (bytes) => 2 * bytes,
    bytes: (samples) => samples >> 1,
    encode: (pcm, count, payload, offset) => encoder.encode(pcm, payload, offset, 0, count),
    // No byte means silence by itself: the decoder follows the encoder's memory, so zeros are encoded.
    silence: (count, payload, offset) => encoder.encode(ZEROS, payload, offset, 0, count),
    decode: (payload, offset, length, pcm) => decoder.decode(payload, pcm, 0, offset, length),
  };
}

function l16(): FrameCodec {
  const { sampleRate, clockRate } = CODECS.L16;
  return {
    name: 'L16',
    sampleRate,
    clockRate,
    samples: (bytes) => bytes >> 1,
    bytes: (samples) => 2 * samples,
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
