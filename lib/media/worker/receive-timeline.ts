import { timestampDistance } from './rtp-packet';

/** Later than this behind the clock, audio misses its place in a recording. */
export const REORDER_WINDOW_MS = 100;
/** A stream whose packets run this far ahead of or behind the clock has started over. */
const AHEAD_MS = 500;
const BEHIND_MS = 2000;
/** So many late packets in a row are a path that became longer, not a few stragglers. */
const LATE_IN_A_ROW = 10;

/**
 * Places received audio on the session's sample clock: the first packet at its arrival, every further one by
 * its RTP timestamp, so that gaps stay gaps and reordered packets come in order. A discontinuity, or a path
 * that stays longer than before, starts over at the arrival. Positions are samples.
 */
export class ReceiveTimeline {
  #anchored = false;
  #timestamp = 0;
  #position = 0;
  #late = 0;

  /** The next packet is placed at its arrival (new SSRC, new codec). */
  restart(): void {
    this.#anchored = false;
  }

  /**
   * @param timestamp RTP timestamp of the packet.
   * @param arrival where the sample clock stood when it arrived.
   * @returns the position of the packet's first sample.
   */
  place(timestamp: number, arrival: number, clockRate: number, sampleRate: number): number {
    const steps = timestampDistance(this.#timestamp, timestamp);
    let position = Math.round(this.#position + (steps * sampleRate) / clockRate);
    if (!this.#anchored || this.#isAstray(position - arrival, sampleRate)) {
      position = Math.round(arrival);
      this.#late = 0;
    }
    this.#anchored = true;
    this.#timestamp = timestamp;
    this.#position = position;
    return position;
  }

  /** In whole samples: milliseconds have a fraction, which would be a number on the heap for each packet. */
  #isAstray(ahead: number, sampleRate: number): boolean {
    const aheadMs = (ahead * 1000) / sampleRate;
    if (aheadMs > AHEAD_MS || aheadMs < -BEHIND_MS) return true;
    this.#late = aheadMs < -REORDER_WINDOW_MS ? this.#late + 1 : 0;
    return this.#late >= LATE_IN_A_ROW;
  }
}
