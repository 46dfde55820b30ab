import type { CodecName } from '../../../audio';

/**
 * Codec of a session: payload bytes to 16-bit samples and back.
 * A codec with memory (G.722, Opus) keeps one state per object, so each session has its own. Nothing allocates,
 * but for Opus, whose library does.
 */
export interface FrameCodec {
  readonly name: CodecName;
  /** Sample rate of the audio, Hz. */
  readonly sampleRate: number;
  /** RTP clock, Hz. */
  readonly clockRate: number;
  /** Each byte encodes one sample by itself, so that equal bytes are equal samples. */
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
  /** Frees its resources. */
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

/** Makes the codec of a session. */
export interface Coder {
  make(options: FrameCodecOptions): FrameCodec;
  /** Loads what it needs, before the first call with it. Rejects with BAD_CONFIG when that cannot be had. */
  prepare?(): Promise<unknown>;
}
