/** Gmin (RFC 3611, 4.7.2): packets received in a row that end a burst. */
export const LEAST_GAP = 16;

/** Loss and burst figures of a stream (RFC 3611, 4.7.1 and 4.7.2). */
export interface LossFigures {
  /** Packets that should have been played. */
  expected: number;
  /** Packets lost or discarded: not there when they were due. */
  missing: number;
  /** Share of the missing, 0–1. */
  lossShare: number;
  /** Burst ratio: mean length of runs of losses over that of random loss, 1 or more; undefined without loss. */
  burstRatio: number | undefined;
  /** Bursts, in which losses are fewer than 16 packets apart. */
  bursts: number;
  /** Share of missing packets within bursts and within gaps, 0–1. */
  burstDensity: number;
  gapDensity: number;
  /** Mean length of a burst and of a gap, in milliseconds. */
  burstMs: number;
  gapMs: number;
}

/**
 * Tells bursts of loss from single losses. It is fed in the order of playing: `missing` for packets that were
 * not there, lost or discarded, `received` for the others.
 */
export class LossTracker {
  #expected = 0;
  #missing = 0;
  /** Runs of packets missing in a row. */
  #runs = 0;
  #inRun = false;
  /** Packets that came since the last loss. */
  #sinceLoss = 0;
  /** A possible burst, from its first to its last loss: all packets of it, and the missing ones. */
  #span = 0;
  #spanMissing = 0;
  #bursts = 0;
  #burstPackets = 0;
  #burstMissing = 0;

  /** Starts a new measurement. */
  reset(): void {
    this.#expected = 0;
    this.#missing = 0;
    this.#runs = 0;
    this.#inRun = false;
    this.#sinceLoss = 0;
    this.#span = 0;
    this.#spanMissing = 0;
    this.#bursts = 0;
    this.#burstPackets = 0;
    this.#burstMissing = 0;
  }

  /** Counts received packets. */
  received(count = 1): void {
    this.#expected += count;
    this.#sinceLoss += count;
    if (count > 0) this.#inRun = false;
  }

  /** Counts packets missing in a row. */
  missing(count = 1): void {
    if (count === 0) return;
    this.#expected += count;
    this.#missing += count;
    if (!this.#inRun) this.#runs++;
    this.#inRun = true;
    if (this.#spanMissing > 0 && this.#sinceLoss < LEAST_GAP) {
      this.#span += this.#sinceLoss + count;
      this.#spanMissing += count;
    } else {
      this.#closeSpan();
      this.#span = count;
      this.#spanMissing = count;
    }
    this.#sinceLoss = 0;
  }

  /**
   * The figures so far.
   *
   * @param packetMs length of a packet.
   */
  figures(packetMs: number): LossFigures {
    // An open burst counts as if the stream ended here.
    const isBurst = this.#spanMissing > 1;
    const bursts = this.#bursts + (isBurst ? 1 : 0);
    const burstPackets = this.#burstPackets + (isBurst ? this.#span : 0);
    const burstMissing = this.#burstMissing + (isBurst ? this.#spanMissing : 0);
    const gapPackets = this.#expected - burstPackets;
    const gapMissing = this.#missing - burstMissing;
    const lossShare = share(this.#missing, this.#expected);
    return {
      expected: this.#expected,
      missing: this.#missing,
      lossShare,
      // A run of random losses is 1 / (1 − share) packets long on average.
      burstRatio: this.#runs === 0 ? undefined : Math.max(1, (this.#missing / this.#runs) * (1 - lossShare)),
      bursts,
      burstDensity: share(burstMissing, burstPackets),
      gapDensity: share(gapMissing, gapPackets),
      burstMs: share(burstPackets, bursts) * packetMs,
      gapMs: (gapPackets / Math.max(1, bursts)) * packetMs,
    };
  }

  /** A single loss belongs to the gap around it, more of them are a burst. */
  #closeSpan(): void {
    if (this.#spanMissing <= 1) return;
    this.#bursts++;
    this.#burstPackets += this.#span;
    this.#burstMissing += this.#spanMissing;
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
