import { timestampDistance } from '../rtp-packet';
import { TransitFloor } from './transit-floor';

/** Delay behind the fastest packets from which a packet is late. */
const LATE_MS = 100;
/** Distance from the other packets, ahead or behind, from which the stream has restarted. */
const AHEAD_MS = 500;
const BEHIND_MS = 2000;
/**
 * Late packets in a row that show a path with more delay instead of a few stragglers, and the least time over which they
 * come: those that were read at once had waited for a thread that was held up.
 */
const LATE_IN_A_ROW = 10;
const LATE_FOR_MS = 100;

/**
 * Places received audio on the peer's sample clock, which begins where the session's clock stands when the first packet
 * arrives: every further one by its RTP timestamp, so that gaps stay gaps and reordered packets come in order. The
 * recording corrects the drift between the two clocks (`ReceivedTrack`). A discontinuity, or a lasting rise of the
 * delay, starts over at the arrival. Positions are samples.
 */
export class ReceiveTimeline {
  /** The last packet restarted the timeline: its position is not comparable with those before. */
  restarted = false;
  #anchored = false;
  #timestamp = 0;
  #position = 0;
  #late = 0;
  /** Arrival of the first late packet in a row. */
  #lateSince = 0;
  readonly #floor = new TransitFloor();

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
    const behind = arrival - position - this.#floor.value;
    this.restarted = !this.#anchored || this.#isAstray(behind, arrival, sampleRate);
    if (this.restarted) {
      position = Math.round(arrival);
      this.#late = 0;
      this.#floor.restart();
    }
    this.#floor.accept(arrival - position, arrival, sampleRate);
    this.#anchored = true;
    this.#timestamp = timestamp;
    this.#position = position;
    return position;
  }

  /** No recording runs: the drift between the two clocks is corrected at once. */
  settle(): void {
    const drift = this.#floor.value;
    if (drift === 0) return;
    this.#position += drift;
    this.#floor.moved(drift);
  }

  /**
   * @param behind the fastest packets, in whole samples: fractions of milliseconds would cost a heap number for each
   *   packet.
   */
  #isAstray(behind: number, arrival: number, sampleRate: number): boolean {
    const behindMs = (behind * 1000) / sampleRate;
    if (behindMs < -AHEAD_MS || behindMs > BEHIND_MS) return true;
    if (behindMs <= LATE_MS) this.#late = 0;
    else if (this.#late++ === 0) this.#lateSince = arrival;
    return this.#late >= LATE_IN_A_ROW && (arrival - this.#lateSince) * 1000 >= LATE_FOR_MS * sampleRate;
  }
}
