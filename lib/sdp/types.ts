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
  /** Offered when true; what the peer offers is accepted unless false (RFC 5761). */
  rtcpMux?: boolean;
  /** Username and ids of the `o=` line. `version` grows with each change (RFC 3264, 8). */
  origin: { sessionId: string; version: number };
  /**
   * The description that we sent last in this session, for every later offer and answer: payload type
   * numbers and the list of media lines must not change (RFC 3264, 8).
   */
  previous?: string;
}

/** One codec as both sides number it. */
export interface NegotiatedCodec {
  name: CodecName;
  sendPayloadType: number;
  receivePayloadType: number;
  /** The peer's format parameters, unparsed. */
  fmtp?: string;
}

/** The outcome of a completed offer/answer for the audio stream, seen from our side. */
export interface NegotiatedAudio {
  /** Always IP addresses. `0.0.0.0` or `::` on legacy hold: `direction` then never sends. */
  remote: { address: string; rtpPort: number; rtcpPort: number };
  codec: NegotiatedCodec;
  alternatives: NegotiatedCodec[];
  telephoneEvent?: { sendPayloadType: number; receivePayloadType: number; clockRate: number };
  /** Packet time to send with: what the peer asked for, within what we and the codec can do. */
  ptimeMs: number;
  direction: Direction;
  /** What the peer said, seen from the peer; `sendonly` or `inactive` means that it holds us. */
  peerDirection: Direction;
  rtcpMux: boolean;
}

/**
 * Why an offer or answer led to nothing. `malformed` deserves a 400, everything else a 488:
 * `no-audio` no usable audio stream, `rejected` the peer refused the stream (port 0), `codec` nothing in
 * common, `address` nowhere to send to, `security` encryption policies that exclude each other.
 */
export type NegotiationFault = 'malformed' | 'no-audio' | 'rejected' | 'codec' | 'address' | 'security';

/** A failed negotiation; `diagnosis` is a sentence for people. */
export interface NegotiationFailure {
  ok: false;
  reason: NegotiationFault;
  diagnosis: string;
}
