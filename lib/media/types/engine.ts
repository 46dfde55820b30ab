import type { CodecName, PreparedReference } from '../../audio';
import type { Failure } from '../../common';
import type { MediaParameters } from './parameters';
import type { AudioSource } from './running';
import type { MediaSession } from './session';

export interface PortRequest {
  /** Local address to bind, IPv4 or IPv6. */
  address: string;
  /** Inclusive range; RTP takes an even port, RTCP the odd one above it. */
  portMin: number;
  portMax: number;
  /** Codecs that may be used; their libraries are loaded before the pair is handed out. */
  codecs?: readonly CodecName[];
  /** STUN server (RFC 8489) that both sockets ask for their public address and port before they carry media. */
  stunServer?: StunDestination;
}

/** A STUN server with its resolved address. */
export interface StunDestination {
  /** IP address of the family of the sockets. */
  address: string;
  port: number;
  /** Configured name, for error messages. */
  name: string;
}

/** Public address and ports of a pair of sockets as a STUN server sees them, or why they are not known. */
export type PortMappingResult =
  | {
      kind: 'mapped';
      address: string;
      rtpPort: number;
      /** Absent when only RTP has an answer. */
      rtcpPort?: number;
    }
  /** No usable answer in time: only the local ports are known, which a peer outside of the NAT may not reach. */
  | { kind: 'failed'; failure: Failure };

/** A bound RTP/RTCP pair that waits for its offer/answer. Early packets are kept (≤ 50) until `open`. */
export interface MediaPort {
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  /** Public address and ports of the pair, when a STUN server was asked. */
  readonly mapping?: PortMappingResult | undefined;
  /** Starts the session: real silence flows from here on. Once only. */
  open(parameters: MediaParameters): MediaSession;
  /** Closes the sockets when no session was opened; otherwise does nothing (the session owns them). */
  release(): Promise<void>;
}

/** Format of a file or buffer and its conversion for the call, for the editor and the strict option. */
export interface AudioInfo {
  container: string;
  encoding: string;
  sampleRate: number;
  channels: number;
  bitsPerSample: number;
  durationMs: number;
}

/** The media engine as `lib/calls` sees it; also implemented by a null engine for signalling-only use. */
export interface MediaEngine {
  /**
   * Rejects with RTP_PORTS_EXHAUSTED (naming the range and the number in use), with BAD_CONFIG when a codec needs
   * a package that is not installed. A STUN server is waited for, two seconds at most; without an answer the pair is
   * good all the same.
   */
  reserve(request: PortRequest): Promise<MediaPort>;
  probe(source: AudioSource): Promise<AudioInfo>;
  /**
   * Prepares a sound that will be listened for. Rejects with BAD_AUDIO for one that is silent, too short or too long,
   * FILE_NOT_FOUND, FILE_ACCESS.
   */
  prepare(source: AudioSource): Promise<PreparedReference>;
  /** Ends everything; workers are gone when it resolves. */
  close(): Promise<void>;
}
