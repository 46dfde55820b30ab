/** The header fields that the buffer needs; the worker's parsed RTP header has them all. */
export interface RtpFields {
  readonly ssrc: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits; the worker has them as signed words. */
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly payloadOffset: number;
  readonly payloadLength: number;
}

/** Result of `put` for one packet. */
export type PutOutcome = 'queued' | 'late' | 'duplicate' | 'discarded';

/**
 * Result of `pull`. `packet`: play the packet in `current`. `conceal`: conceal `gapUnits` of lost audio. `silence`:
 * `gapUnits` in which the peer sent nothing on purpose. `none`: nothing is due yet.
 */
export type PullOutcome = 'packet' | 'conceal' | 'silence' | 'none';

/** A packet to play. The bytes are valid until the next packet is put in, and not to be changed. */
export interface PlayoutPacket {
  ssrc: number;
  /** 16 bits. */
  sequence: number;
  timestamp: number;
  payloadType: number;
  marker: boolean;
  bytes: Uint8Array;
  offset: number;
  length: number;
  /** The payload repeats one byte, as silence of G.711 does. */
  still: boolean;
  /** Length of the audio in RTP clock units. */
  durationUnits: number;
  /** Packets missing right before this one: lost, or late for playout. */
  missingBefore: number;
}

/** Counts since the buffer was made; each packet that was put in is in exactly one of the first five. */
export interface JitterBufferCounts {
  /** Handed out in time, including those that are still waiting. */
  inTime: number;
  /** Came after their time. */
  late: number;
  duplicates: number;
  /** Dropped to make room, for being too long, or because their stream ended before their time. */
  discarded: number;
  /** Packets that are no audio. */
  other: number;
  /** Of those in time: came after a packet with a higher number. */
  reordered: number;
  /** Not received by the time they were due. */
  lost: number;
  /** Times that `conceal` was returned. */
  concealed: number;
  /** Times that the stream began anew or its timestamps jumped. */
  restarts: number;
}
