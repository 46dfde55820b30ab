/** What is kept of the packets of a session: their headers, digits and RTCP only, or all of them with their audio. */
export type CaptureMode = 'headers' | 'audio';

/** An RTP or RTCP packet that a session sent or received, without encryption. */
export interface CapturedPacket {
  /** Wall-clock milliseconds since the Unix epoch, with fractions. */
  atMs: number;
  direction: 'in' | 'out';
  /** `address:port`, IPv6 in brackets. */
  local: string;
  remote: string;
  /** The packet, or its beginning. */
  bytes: Uint8Array;
  /** Bytes of the whole packet. */
  length: number;
}

/** The packets of a session that are still kept, in order of time. */
export interface CapturedMedia {
  packets: CapturedPacket[];
  /** Packets that were forgotten, or not taken, for want of room. */
  leftOut: number;
}
