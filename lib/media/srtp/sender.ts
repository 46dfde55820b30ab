import { createTransform } from './create-transform';
import { SrtpFault } from './faults';
import { isRtcpPacket, rtpHeaderLength } from './headers';
import { checkMasters, sameMasters } from './master-key';
import type { MasterKey } from './master-key';
import type { StreamState } from './stream-state';
import { StreamTable } from './stream-table';
import type { SrtpSuite } from './suites';
import type { SrtpTransform } from './transform';
import { readWord } from './words';

/**
 * SRTP sender of one session (RFC 3711): encrypts and authenticates packets in place. Allocates nothing per packet and
 * never throws for a packet.
 */
export class SrtpSender {
  #transform: SrtpTransform;
  #masters: readonly MasterKey[];
  readonly #streams = new StreamTable();

  /** Use `createSrtpSender`. @param masters already checked. */
  constructor(suite: SrtpSuite, masters: readonly MasterKey[]) {
    this.#transform = createTransform(suite, masters);
    this.#masters = masters;
  }

  get suite(): SrtpSuite {
    return this.#transform.suite;
  }

  /** Bytes that `protectRtp` adds. */
  get rtpOverhead(): number {
    return this.#transform.rtpOverhead;
  }

  /** Bytes that `protectRtcp` adds. */
  get rtcpOverhead(): number {
    return this.#transform.rtcpOverhead;
  }

  /**
   * Goes on with another key after a new offer/answer. The rollover counter keeps its value (RFC 3711, 3.3.1).
   * The same suite and key change nothing, so it may be called for every re-INVITE.
   *
   * @throws SipflowError BAD_CONFIG for a suite or key length that is not ours.
   */
  rekey(suiteName: string, master: Uint8Array | readonly MasterKey[]): void {
    const { suite, masters } = checkMasters(suiteName, master);
    if (suite === this.suite && sameMasters(masters, this.#masters)) return;
    this.#transform = createTransform(suite, masters);
    this.#masters = masters;
  }

  /**
   * Encrypts and authenticates the RTP packet in the first `length` bytes, in place.
   *
   * @param packet has room for `rtpOverhead` bytes behind `length`.
   * @returns the new length, or a negative `SrtpFault`.
   */
  protectRtp(packet: Uint8Array, length: number): number {
    const headerLength = rtpHeaderLength(packet, length);
    if (headerLength < 0) return SrtpFault.Malformed;
    const transform = this.#transform;
    if (length + transform.rtpOverhead > packet.length) return SrtpFault.NoRoom;
    const ssrc = readWord(packet, 8);
    const sequence = (packet[2] << 8) | packet[3];
    const stream = this.#stream(ssrc);
    const distance = stream.distanceTo(sequence);
    const roc = stream.rocAt(distance);
    if (roc < 0) return SrtpFault.TooOld;
    // A key stream used twice gives both packets away: a repeated index is refused here as on the other side.
    const fault = stream.checkRtp(distance, sequence);
    if (fault !== 0) return fault;
    stream.recordRtp(distance, sequence);
    return transform.protectRtp(packet, length, headerLength, ssrc, roc | 0, sequence);
  }

  /**
   * Encrypts and authenticates the compound RTCP packet in the first `length` bytes, in place.
   *
   * @param packet has room for `rtcpOverhead` bytes behind `length`.
   * @returns the new length, or a negative `SrtpFault`.
   */
  protectRtcp(packet: Uint8Array, length: number): number {
    if (!isRtcpPacket(packet, length)) return SrtpFault.Malformed;
    if (length + this.rtcpOverhead > packet.length) return SrtpFault.NoRoom;
    const ssrc = readWord(packet, 4);
    const stream = this.#stream(ssrc);
    stream.rtcpIndex++;
    return this.#transform.protectRtcp(packet, length, ssrc, stream.rtcpIndex);
  }

  #stream(ssrc: number): StreamState {
    return this.#streams.find(ssrc) ?? this.#streams.add(ssrc);
  }
}

/**
 * Sets up the sending half of SRTP.
 *
 * @param suiteName as in the `a=crypto` line.
 * @param master key and salt together, as the `inline:` parameter carries them (28, 30, 38, 44 or 46 bytes), or a list
 * with identifiers, of which the first is sent under.
 * @throws SipflowError BAD_CONFIG for a suite, key length or identifiers that do not fit.
 */
export function createSrtpSender(suiteName: string, master: Uint8Array | readonly MasterKey[]): SrtpSender {
  const { suite, masters } = checkMasters(suiteName, master);
  return new SrtpSender(suite, masters);
}
