import type { SrtpFault } from './faults';
import { ReplayWindow } from './replay-window';

/**
 * Cryptographic state of one SSRC: RTP sequence number and rollover counter, SRTCP index, and both replay windows
 * (RFC 3711, 3.2.1 and 3.2.3).
 */
export class StreamState {
  /** The SSRC as a signed word. */
  ssrc = 0;
  /** Rollover counter of the newest packet. */
  roc = 0;
  /** SRTCP index of the newest RTCP packet; −1 before the first one. */
  rtcpIndex = -1;
  /** Time of the last use of this stream, in packets of its table. */
  lastUsed = 0;
  #sequence = -1;
  readonly #rtpWindow = new ReplayWindow();
  readonly #rtcpWindow = new ReplayWindow();

  /** Makes the object stand for another SSRC of which nothing is known. */
  begin(ssrc: number): void {
    this.ssrc = ssrc;
    this.rtcpIndex = -1;
    this.#rtcpWindow.clear();
    this.restartRtp(0);
  }

  /** The next RTP packet is the first one, with this rollover counter. */
  restartRtp(roc: number): void {
    this.roc = roc;
    this.#sequence = -1;
    this.#rtpWindow.clear();
  }

  /** Whether an RTP packet was seen; a stream may be known from RTCP alone. */
  get hasRtp(): boolean {
    return this.#sequence >= 0;
  }

  /**
   * Distance of a packet from the newest one, −32768 to 32767: of the indices with this sequence number, the
   * one nearest to the newest is taken (RFC 3711, 3.3.1 and appendix A). 1 for the first packet of all.
   */
  distanceTo(sequence: number): number {
    return this.#sequence < 0 ? 1 : ((sequence - this.#sequence) << 16) >> 16;
  }

  /** The rollover counter of a packet at that distance; negative when it lies before the stream's start. */
  rocAt(distance: number): number {
    return this.#sequence < 0 ? this.roc : this.roc + ((this.#sequence + distance) >> 16);
  }

  /** Whether the packet is new: 0, or the fault. */
  checkRtp(distance: number, sequence: number): 0 | SrtpFault {
    return this.#rtpWindow.check(distance, sequence);
  }

  /** Takes note of an authentic packet. */
  recordRtp(distance: number, sequence: number): void {
    this.#rtpWindow.record(distance, sequence);
    if (distance > 0) {
      this.roc = this.rocAt(distance);
      this.#sequence = sequence;
    }
  }

  checkRtcp(index: number): 0 | SrtpFault {
    return this.#rtcpWindow.check(index - this.rtcpIndex, index);
  }

  recordRtcp(index: number): void {
    const distance = index - this.rtcpIndex;
    this.#rtcpWindow.record(distance, index);
    if (distance > 0) this.rtcpIndex = index;
  }
}
