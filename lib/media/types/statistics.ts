import type { JitterBufferCounts } from '../jitter-buffer';

/** VoIP metrics of one direction (RFC 3611, 4.7). Shares are 0–1, times milliseconds. */
export interface VoipMetrics {
  /** Loss rate and discard rate: packets lost, and packets received but not played, of all that were expected. */
  lossShare: number;
  discardShare: number;
  /** Burst and gap density (share of lost and discarded packets within them), and the mean lengths of both. */
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
    /** Packets that came too late to be played by an adaptive jitter buffer. */
    late?: number;
    duplicates: number;
    outOfOrder: number;
    /** RFC 3550 interarrival jitter in milliseconds. */
    jitterMs: number;
    /** Delay of the jitter buffer now. */
    jitterBufferMs?: number;
    /** Jitter buffer counts of the packets of all codecs. */
    jitterBuffer?: JitterBufferCounts;
    /** Dropped because they were no RTP, of an unknown payload type, or from a foreign source. */
    discarded: number;
    /** Burst ratio (ITU-T G.107): mean burst length over that of random loss; 1 = random, undefined without loss. */
    burstRatio?: number;
    /** Clock drift in parts per million, positive when the peer's clock is slower than ours; known after 10 s. */
    clockDriftPpm?: number;
  };
  /** Mean opinion score 1–4.5 of the received audio (ITU-T G.107, with concealment); undefined when nothing came. */
  mos?: number;
  /** Round-trip time from RTCP in milliseconds, when a report allowed it. */
  rttMs?: number;
  /** VoIP metrics of the peer's newest extended report (RFC 3611, 4.7): our stream at its end; many send none. */
  remote?: VoipMetrics;
  /** Sender deadlines that were missed by more than one ptime and skipped (pitfall 5). */
  skippedTicks: number;
  /** Largest lateness of the worker's timing wheel since the session began: jitter below this may be our own. */
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
