import type { CodecName } from '../audio/codecs';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What our side brings to an offer or an answer. */
export interface LocalAudio {
  /** Address written into `c=` (the advertised one). */
  address: string;
  rtpPort: number;
  rtcpPort: number;
  /** Codecs in order of preference, canonical. */
  codecs: readonly CodecName[];
  /** Milliseconds, 10–60. */
  ptimeMs: number;
  direction: Direction;
  /** Whether telephone-event is offered or accepted. */
  telephoneEvent: boolean;
  rtcpMux?: boolean;
  /** Username and ids of the `o=` line. `version` grows with each change (RFC 3264, 8). */
  origin: { sessionId: string; version: number };
}

/** One codec as both sides number it. */
export interface NegotiatedCodec {
  name: CodecName;
  sendPayloadType: number;
  receivePayloadType: number;
  fmtp?: string;
}

/** The outcome of a completed offer/answer for the audio stream, seen from our side. */
export interface NegotiatedAudio {
  remote: { address: string; rtpPort: number; rtcpPort: number };
  codec: NegotiatedCodec;
  alternatives: NegotiatedCodec[];
  telephoneEvent?: { sendPayloadType: number; receivePayloadType: number; clockRate: number };
  ptimeMs: number;
  direction: Direction;
  rtcpMux: boolean;
}
