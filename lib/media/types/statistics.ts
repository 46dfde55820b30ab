import type { JitterBufferCounts } from '../jitter-buffer';

/** How one side hears the other (RFC 3611, 4.7). Shares are 0–1, times milliseconds. */
export interface VoipMetrics {
  /** Packets that never came, and those that came but were not played, of all that were expected. */
  lossShare: number;
  discardShare: number;
  /** Share of lost and discarded packets within bursts and in the gaps between them, and the mean lengths of both. */
  burstDensity: number;
  gapDensity: number;
  burstMs: number;
  gapMs: number;
  /** Undefined when it is not known. */
  rttMs?: number | undefined;
  endSystemDelayMs?: number | undefined;
  /** Transmission rating factor R, 0–100. */
  rating?: number | undefined;
  /** Mean opinion scores, 1–5: of listening, and of a conversation with the path's delay. */
  mosListening?: number | undefined;
  mosConversational?: number | undefined;
  jitterBufferMs: number;
  jitterBufferMaxMs: number;
}

export interface MediaStatistics {
  sent: { packets: number; bytes: number };
  received: {
    packets: number;
    bytes: number;
    lost: number;
    /** Came too late to be played by an adaptive jitter buffer. */
    late?: number;
    duplicates: number;
    outOfOrder: number;
    /** RFC 3550 interarrival jitter in milliseconds. */
    jitterMs: number;
    /** Delay of the jitter buffer now. */
    jitterBufferMs?: number;
    /** What became of each packet in the jitter buffer, of all codecs. */
    jitterBuffer?: JitterBufferCounts;
    /** Dropped because they were no RTP, of an unknown payload type, or from a foreign source. */
    discarded: number;
    /** Mean length of bursts of loss over that of random loss (ITU-T G.107); 1 = random, undefined without loss. */
    burstRatio?: number;
    /** How much slower (positive) the peer's clock runs than ours, in parts per million; after 10 s. */
    clockDriftPpm?: number;
  };
  /** Mean opinion score 1–4.5 of what we receive (ITU-T G.107, with concealment); undefined when nothing came. */
  mos?: number;
  /** Round-trip time from RTCP in milliseconds, when a report allowed it. */
  rttMs?: number;
  /** How the peer hears us, as its newest extended report says (RFC 3611, 4.7); many peers send none. */
  remote?: VoipMetrics;
  /** Sender deadlines that were missed by more than one ptime and skipped (pitfall 5). */
  skippedTicks: number;
  /** Largest lateness of the worker's wheel since the session began: the instrument's floor. */
  maxLagMs: number;
  /** Level of the received audio, dBFS; -Infinity when nothing but silence came. */
  receivedLevelDbfs: number;
  /** Share of the received audio that was silent (below −40 dBFS), 0–1; absent before any came. */
  receivedSilenceShare?: number;
  /** Times that the received audio was clipped. */
  receivedClippings?: number;
  ssrc: number;
  remoteSsrc?: number;
}
