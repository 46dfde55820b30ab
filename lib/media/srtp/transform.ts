import type { SrtpSuite } from './suites';

/**
 * The cryptography of one direction under one master key. Sequence wraps and replays are left to the caller, who passes
 * in the packet's index. `ssrc`, `roc` and `index` are signed 32-bit words.
 * Packets begin at the start of the array.
 */
export interface SrtpTransform {
  readonly suite: SrtpSuite;
  /** Bytes that protection adds to an RTP packet. */
  readonly rtpOverhead: number;
  /** Bytes that protection adds to a compound RTCP packet. */
  readonly rtcpOverhead: number;

  /** Encrypts in place, appends the tag and returns the new length; the caller made sure that there is room. */
  protectRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number;

  /** Whether the tag at the end of `length` bytes is right. Changes nothing. */
  verifyRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): boolean;

  /** Decrypts in place what `verifyRtp` found right and returns the length without the tag. */
  decryptRtp(
    packet: Uint8Array,
    length: number,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number;

  /** Like `protectRtp` for a compound RTCP packet; appends the E flag and index as well. */
  protectRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number;

  /** The E flag (sign bit) and index of a received packet that is long enough to have one. */
  rtcpIndexWord(packet: Uint8Array, length: number): number;

  verifyRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): boolean;

  /** Decrypts in place if the E flag says so and returns the length without tag and index. */
  decryptRtcp(packet: Uint8Array, length: number, ssrc: number, indexWord: number): number;
}

/** The E flag of SRTCP: the packet is encrypted (RFC 3711, 3.4). */
export const SRTCP_ENCRYPTED = 0x80000000 | 0;
/** Bytes of an RTCP packet that stay readable: the first header and the sender's SSRC. */
export const RTCP_CLEAR_LENGTH = 8;
