import type { CodecName, ConcealmentMode } from '../../audio';
import type { CaptureMode } from './capture';
import type { JitterBufferMode } from '../jitter-buffer';

/** Direction of a stream seen from our side (RFC 3264). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One codec of a stream, with the payload types that we send and that we expect. */
export interface MediaCodec {
  name: CodecName;
  sendPayloadType: number;
  receivePayloadType: number;
  /** Format parameters of the peer (`a=fmtp`), unparsed. */
  fmtp?: string;
}

/** Result of an offer/answer for one audio stream; a media session exists only with this (pitfall 1). */
export interface MediaParameters {
  /** The peer's address and ports from SDP. `rtcpPort` equals `rtpPort` with rtcp-mux. */
  remote: { address: string; rtpPort: number; rtcpPort: number };
  /** The codec that we send and expect. */
  codec: MediaCodec;
  /** Further codecs of the answer that the peer may switch to without asking (RFC 3264, 5.1). */
  alternatives: MediaCodec[];
  telephoneEvent?: { sendPayloadType: number; receivePayloadType: number; clockRate: number };
  /** Packet time (ptime) that we send with, in milliseconds (10–60). */
  ptimeMs: number;
  direction: MediaDirection;
  rtcpMux: boolean;
  /** The peer wants extended reports with VoIP metrics (RFC 3611, 5.1): our RTCP has them then. */
  rtcpXr?: boolean;
  /** Listen for DTMF tones in the received audio; default true. Codecs that cannot carry them are not listened to. */
  detectInband?: boolean;
  /** Silence of the peer, in milliseconds, after which `rtpTimeout` is reported; default 20,000, 0 = never. */
  rtpTimeoutMs?: number;
  /** Interval of `statistics` events, in milliseconds (100 or more); absent or 0 = never. */
  statisticsIntervalMs?: number;
  /** Packets that are kept for a capture, from the first parameters of a session on; none when absent. */
  capture?: CaptureMode;
  /** Keep the last seconds of received audio from the beginning, for listeners that come later; read at `open` only. */
  remember?: boolean;
  /** Tell each RTCP packet by the event `rtcp`; no when absent. */
  reportsRtcp?: boolean;
  /** Jitter buffer of the received audio; adaptive when absent. Out of range: `failed` with BAD_CONFIG. */
  jitterBuffer?: JitterBufferSettings;
  /** Packet loss concealment; `pitch` when absent. */
  concealment?: ConcealmentMode;
  /**
   * SDES keys as negotiated (RFC 4568), when the stream is secured: each the key parameters of an `a=crypto`
   * line, `inline:<base64>[|lifetime][|MKI:length]`; several keys are parted by semicolons, and we send under the first.
   */
  srtp?: { suite: string; sendKey: string; receiveKey: string };
}

/** Jitter buffer for tone detection, bridges and levels; recordings place each packet by its timestamp instead. */
export interface JitterBufferSettings {
  mode: JitterBufferMode;
  /** Delay of `fixed`, and the one that `adaptive` begins with, 0–1000 ms; default 60. */
  delayMs?: number;
  /** Limits of `adaptive`, 0–1000 ms; default 20 and 200. */
  minDelayMs?: number;
  maxDelayMs?: number;
}
