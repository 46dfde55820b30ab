import type { RtcpPacket } from '../../types';

/** Reports that are told in a second; a session sends and receives one every few seconds. */
const MOST_IN_A_SECOND = 10;
/** Largest packet that is told: one of a usual path. */
const LARGEST_BYTES = 1500;

/** Tells the RTCP of a session as it was before encryption, as far as anybody wants it: a flood stays in the thread. */
export class RtcpTap {
  #secondBegan = -Infinity;
  #told = 0;

  /** @param own address and port that an RTCP packet is sent from, with and without rtcp-mux */
  constructor(
    private readonly own: { address: string; rtpPort: number; rtcpPort: number },
    private readonly tell: (packet: RtcpPacket) => void,
  ) {}

  /** @param onOwnPort whether it went by the RTCP port, not by that of RTP */
  note(
    direction: RtcpPacket['direction'],
    packet: Uint8Array,
    remote: RtcpPacket['remote'],
    onOwnPort: boolean,
  ): void {
    const now = performance.now();
    if (now - this.#secondBegan >= 1000) {
      this.#secondBegan = now;
      this.#told = 0;
    }
    if (this.#told >= MOST_IN_A_SECOND || packet.length > LARGEST_BYTES) return;
    this.#told += 1;
    const { address, rtpPort, rtcpPort } = this.own;
    this.tell({
      atMs: Date.now(),
      direction,
      local: { address, port: onOwnPort ? rtcpPort : rtpPort },
      remote,
      // The packet's memory is used again, and `slice` of a Buffer is no copy.
      bytes: new Uint8Array(packet),
    });
  }
}
