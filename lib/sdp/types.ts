import type { CodecName } from '../audio';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** SRTP protection profiles that SDP can name here (RFC 4568, RFC 6188, RFC 7714). */
export const SRTP_SUITES = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_192_CM_HMAC_SHA1_80',
  'AES_192_CM_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
] as const;

export type SrtpSuite = (typeof SRTP_SUITES)[number];

/** Encryption that our side wants for its packets; absent in `LocalAudio` = none. */
export interface LocalSrtp {
  /**
   * `required` offers `RTP/SAVP` and accepts nothing without keys. `optional` offers keys under `RTP/AVP`
   * (RFC 8643), so that one offer serves peers with and without SRTP, and takes what the peer can do.
   */
  policy: 'optional' | 'required';
  /** Suites that we offer, in order of preference, and accept; `DEFAULTS.srtpSuites` when absent. */
  suites?: readonly SrtpSuite[];
  /** Source of random octets; node:crypto's when absent. */
  createKey?: (octets: number) => Uint8Array;
}

/**
 * Keys of a secured stream: base64 of master key and master salt, as SDES carries them, with `|<MKI>:<length>` behind
 * where packets carry an identifier. The peer may send under several keys, parted by semicolons.
 */
export interface NegotiatedSrtp {
  suite: SrtpSuite;
  /** Stays the same over re-negotiations with `LocalAudio.previous`: the SRTP stream then goes on. */
  sendKey: string;
  receiveKey: string;
}

/** Our side of an offer or an answer. */
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
  /** Addresses of the host names in the peer's `c=` lines, as far as they were found. */
  hosts?: ReadonlyMap<string, string>;
  /** SDES keys (RFC 4568); absent = off. */
  srtp?: LocalSrtp;
  /**
   * The description that we sent last in this session, for every later offer and answer: payload type
   * numbers, the list of media lines and SRTP keys must not change (RFC 3264, 8).
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
  /** `clockRate` counts the durations of events; their timestamps are those of the audio (RFC 4733, 2.1). */
  telephoneEvent?: { sendPayloadType: number; receivePayloadType: number; clockRate: number };
  /** Packet time to send with: what the peer asked for, within what we and the codec can do. */
  ptimeMs: number;
  direction: Direction;
  /** Direction that the peer stated, seen from the peer; `sendonly` or `inactive` means that it holds us. */
  peerDirection: Direction;
  rtcpMux: boolean;
  /** Both sides want VoIP metrics in RTCP (RFC 3611, 5.1). */
  rtcpXr?: boolean;
  /** Present when the stream is encrypted. */
  srtp?: NegotiatedSrtp;
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
