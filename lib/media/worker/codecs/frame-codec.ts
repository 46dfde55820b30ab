import {
  type CodecName,
  CODECS,
  decodeL16,
  decodePcma,
  decodePcmu,
  encodeL16,
  encodePcma,
  encodePcmu,
  G722Decoder,
  G722Encoder,
  PCMA_SILENCE,
  PCMU_SILENCE,
} from '../../../audio';
import { OpusFrameCodec } from './opus-codec';

/**
 * One direction-independent view of a codec for a session: payload bytes to 16-bit samples and back.
 * A codec with memory (G.722, Opus) keeps one state per object, so each session has its own. Nothing allocates,
 * but for Opus, whose library does.
 */
export interface FrameCodec {
  readonly name: CodecName;
  /** Sample rate of the audio, Hz. */
  readonly sampleRate: number;
  /** RTP clock, Hz. */
  readonly clockRate: number;
  /** Each byte is a sample of its own, so that equal bytes are equal samples. */
  readonly bytewise?: boolean;
  /** Samples in a payload; 0 for one that is no audio of this codec. */
  samples(payload: Uint8Array, offset: number, length: number): number;
  /** Bytes of the longest payload of so many milliseconds. */
  maxBytes(ms: number): number;
  /** Encodes `count` samples into `payload` from `offset` on; returns the bytes written, 0 when there is nothing to send. */
  encode(pcm: Int16Array, count: number, payload: Uint8Array, offset: number): number;
  /** Writes `count` samples of silence; returns the bytes written. */
  silence(count: number, payload: Uint8Array, offset: number): number;
  /** Decodes `length` bytes into `pcm`; returns the samples written. Any bytes are fine. */
  decode(payload: Uint8Array, offset: number, length: number, pcm: Int16Array): number;
  /** Of codecs that conceal a loss themselves: writes up to `count` samples; returns how many, 0 when it cannot. */
  conceal?(pcm: Int16Array, count: number): number;
  /** Of codecs whose packets also hold the audio of the packet before (forward error correction); as `conceal`. */
  recover?(payload: Uint8Array, offset: number, length: number, pcm: Int16Array, count: number): number;
  /** Gives back what it holds. */
  close?(): void;
}

export interface FrameCodecOptions {
  /** The half that is needed. */
  use: 'encode' | 'decode';
  /** Format parameters of the peer. */
  fmtp?: string | undefined;
  /** A library that the codec needs cannot be had; nothing is coded then. */
  onFault?: (error: unknown) => void;
}

/** The longest packet of 16 kHz audio. */
const ZEROS = new Int16Array(16 * 60);

/** Makes the codec for one session. */
export function createFrameCodec(name: CodecName, options: FrameCodecOptions): FrameCodec {
  switch (name) {
    case 'PCMU':
      return g711(name, encodePcmu, decodePcmu, PCMU_SILENCE);
    case 'PCMA':
      return g711(name, encodePcma, decodePcma, PCMA_SILENCE);
    case 'G722':
      return g722();
    case 'L16':
      return l16();
    case 'OPUS':
      return new OpusFrameCodec(options.use, options.fmtp, options.onFault);
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

/** Two samples in each byte; the RTP clock counts bytes, as RFC 3551 (4.5.2) has it. */
function g722(): FrameCodec {
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

function l16(): FrameCodec {
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
