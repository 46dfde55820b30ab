import { createTransform } from './create-transform';
import { SrtpFault } from './faults';
import { isRtcpPacket, rtpHeaderLength } from './headers';
import { checkMasters, sameMasters } from './master-key';
import type { MasterKey } from './master-key';
import type { StreamState } from './stream-state';
import { StreamTable } from './stream-table';
import type { SrtpSuite } from './suites';
import { SRTCP_ENCRYPTED } from './transform';
import type { SrtpTransform } from './transform';
import { readWord } from './words';

/** A stream that begins below this sequence number may have wrapped before its first packet reached us. */
const HALF_CYCLE = 0x8000;

/**
 * Packets still accepted under the old key: five seconds of 20 ms packets, enough for an answer that was lost twice.
 * Bounded, so that a replaced key does not stay valid when the new one is never used.
 */
export const OLD_KEY_PACKETS = 250;

/**
 * SRTP receiver of one session (RFC 3711): authenticates and decrypts packets of any number of SSRCs under one master
 * key, of which the newest are remembered. Works in place, allocates nothing per packet, never throws for a packet,
 * and leaves a refused packet as it came.
 */
export class SrtpReceiver {
  #transform: SrtpTransform;
  #masters: readonly MasterKey[];
  /** The transform before a change of keys, until the first packet under the new key. */
  #previous: SrtpTransform | undefined;
  #previousLeft = 0;
  readonly #streams = new StreamTable();

  /** Use `createSrtpReceiver`. @param masters already checked. */
  constructor(suite: SrtpSuite, masters: readonly MasterKey[]) {
    this.#transform = createTransform(suite, masters);
    this.#masters = masters;
  }

  get suite(): SrtpSuite {
    return this.#transform.suite;
  }

  /**
   * Expects another key after a new offer/answer. Packets under the old key are accepted until the first one under the
   * new key, because both are underway at that moment, and 250 of them at most. The peer may keep its rollover counter
   * (RFC 3711, 3.3.1) or, as several products do, begin at 0 again. The same suite and key change nothing.
   *
   * @throws SipflowError BAD_CONFIG for a suite or key length that is not ours.
   */
  rekey(suiteName: string, master: Uint8Array | readonly MasterKey[]): void {
    const { suite, masters } = checkMasters(suiteName, master);
    if (suite === this.suite && sameMasters(masters, this.#masters)) return;
    this.#previous = this.#transform;
    this.#previousLeft = OLD_KEY_PACKETS;
    this.#transform = createTransform(suite, masters);
    this.#masters = masters;
  }

  /**
   * Authenticates and decrypts the SRTP packet in the first `length` bytes, in place.
   *
   * @returns the length of the RTP packet, or a negative `SrtpFault`.
   */
  unprotectRtp(packet: Uint8Array, length: number): number {
    const transform = this.#transform;
    const headerLength = rtpHeaderLength(packet, length);
    if (headerLength < 0) return SrtpFault.Malformed;
    const stream = this.#streams.find(readWord(packet, 8));
    if (stream === undefined || !stream.hasRtp) return this.#openNewStream(packet, length, headerLength);
    if (this.#previous !== undefined) return this.#openInTransition(packet, length, headerLength, stream);
    return openRtp(transform, stream, packet, length, headerLength);
  }

  /**
   * Authenticates and decrypts the SRTCP packet in the first `length` bytes, in place.
   *
   * @returns the length of the compound RTCP packet, or a negative `SrtpFault`.
   */
  unprotectRtcp(packet: Uint8Array, length: number): number {
    if (!isRtcpPacket(packet, length)) return SrtpFault.Malformed;
    const opened = this.#openRtcp(this.#transform, packet, length);
    if (this.#previous === undefined) return opened;
    if (opened >= 0) {
      this.#previous = undefined;
      return opened;
    }
    const openedBefore = this.#openRtcp(this.#previous, packet, length);
    return openedBefore >= 0 ? this.#underOldKey(openedBefore) : opened;
  }

  #openRtcp(transform: SrtpTransform, packet: Uint8Array, length: number): number {
    if (length < 8 + transform.rtcpOverhead) return SrtpFault.Malformed;
    const ssrc = readWord(packet, 4);
    const indexWord = transform.rtcpIndexWord(packet, length);
    const index = indexWord & ~SRTCP_ENCRYPTED;
    const stream = this.#streams.find(ssrc);
    const fault = stream === undefined ? 0 : stream.checkRtcp(index);
    if (fault !== 0) return fault;
    if (!transform.verifyRtcp(packet, length, ssrc, indexWord)) return SrtpFault.Authentication;
    (stream ?? this.#streams.add(ssrc)).recordRtcp(index);
    return transform.decryptRtcp(packet, length, ssrc, indexWord);
  }

  /**
   * The first packet of an SSRC. Its rollover counter is 0, or 1 when the packets before the wrap were lost.
   * A stream exists only once a packet was authentic, so that forged SSRCs cost no memory.
   */
  #openNewStream(packet: Uint8Array, length: number, headerLength: number): number {
    const sequence = (packet[2] << 8) | packet[3];
    let opened = this.#begin(this.#transform, 0, packet, length, headerLength);
    if (opened < 0 && sequence < HALF_CYCLE) {
      opened = this.#begin(this.#transform, 1, packet, length, headerLength);
    }
    if (opened >= 0) this.#previous = undefined;
    if (opened < 0 && this.#previous !== undefined) {
      opened = this.#underOldKey(this.#begin(this.#previous, 0, packet, length, headerLength));
    }
    return opened;
  }

  #begin(
    transform: SrtpTransform,
    roc: number,
    packet: Uint8Array,
    length: number,
    headerLength: number,
  ): number {
    if (length < headerLength + transform.rtpOverhead) return SrtpFault.Malformed;
    const ssrc = readWord(packet, 8);
    const sequence = (packet[2] << 8) | packet[3];
    if (!transform.verifyRtp(packet, length, headerLength, ssrc, roc, sequence))
      return SrtpFault.Authentication;
    const stream = this.#streams.find(ssrc) ?? this.#streams.add(ssrc);
    stream.restartRtp(roc);
    stream.recordRtp(stream.distanceTo(sequence), sequence);
    return transform.decryptRtp(packet, length, headerLength, ssrc, roc, sequence);
  }

  /** A packet of a known SSRC while the keys change: new key, new key with its counter at 0, or old key. */
  #openInTransition(packet: Uint8Array, length: number, headerLength: number, stream: StreamState): number {
    const fault = openRtp(this.#transform, stream, packet, length, headerLength);
    if (fault >= 0) {
      this.#previous = undefined;
      return fault;
    }
    const restarted = this.#begin(this.#transform, 0, packet, length, headerLength);
    if (restarted >= 0) {
      this.#previous = undefined;
      return restarted;
    }
    if (this.#previous === undefined) return fault;
    const opened = openRtp(this.#previous, stream, packet, length, headerLength);
    return opened >= 0 ? this.#underOldKey(opened) : fault;
  }

  /** Counts a packet that was opened with the key before; that key is forgotten after the last one. */
  #underOldKey(opened: number): number {
    if (opened >= 0 && --this.#previousLeft <= 0) this.#previous = undefined;
    return opened;
  }
}

/** Authenticates and decrypts a packet of a known stream. */
function openRtp(
  transform: SrtpTransform,
  stream: StreamState,
  packet: Uint8Array,
  length: number,
  headerLength: number,
): number {
  if (length < headerLength + transform.rtpOverhead) return SrtpFault.Malformed;
  const sequence = (packet[2] << 8) | packet[3];
  const distance = stream.distanceTo(sequence);
  const roc = stream.rocAt(distance);
  if (roc < 0) return SrtpFault.TooOld;
  const fault = stream.checkRtp(distance, sequence);
  if (fault !== 0) return fault;
  if (!transform.verifyRtp(packet, length, headerLength, stream.ssrc, roc, sequence))
    return SrtpFault.Authentication;
  stream.recordRtp(distance, sequence);
  return transform.decryptRtp(packet, length, headerLength, stream.ssrc, roc, sequence);
}

/**
 * Sets up the receiving half of SRTP.
 *
 * @param suiteName as in the `a=crypto` line.
 * @param master key and salt together, as the `inline:` parameter carries them (28, 30, 38, 44 or 46 bytes), or a list
 * with identifiers (MKI), by which packets name their key.
 * @throws SipflowError BAD_CONFIG for a suite, key length or identifiers that do not fit.
 */
export function createSrtpReceiver(
  suiteName: string,
  master: Uint8Array | readonly MasterKey[],
): SrtpReceiver {
  const { suite, masters } = checkMasters(suiteName, master);
  return new SrtpReceiver(suite, masters);
}
