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

/** What became of a packet that was put in. */
export type PutOutcome = 'queued' | 'late' | 'duplicate' | 'discarded';

/**
 * What is to be played now. `packet`: the packet in `current`. `conceal`: audio that is missing, `gapUnits` of
 * it. `silence`: `gapUnits` in which the peer sent nothing on purpose. `none`: nothing is due yet.
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
  /** The payload is one byte again and again, as silence of G.711 is. */
  still: boolean;
  /** Length of the audio in RTP clock units. */
  durationUnits: number;
  /** Packets of the sequence before this one that were not there when they were due, lost or late. */
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
  /** Never came, as far as is known when their time was over. */
  lost: number;
  /** Times that `conceal` was returned. */
  concealed: number;
  /** Times that the stream began anew or its timestamps jumped. */
  restarts: number;
}
