import { readWord } from '../srtp/words';

/**
 * RTP packets (RFC 3550, 5.1):
 *
 *  0                   1                   2                   3
 *  |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *  |                           timestamp                           |
 *  |           synchronization source (SSRC) identifier            |
 */
export const RTP_HEADER_LENGTH = 12;

/** The fields of one received packet; one object is reused for all packets of a session. */
export class RtpHeader {
  marker = false;
  payloadType = 0;
  sequence = 0;
  /** As signed words, like `ssrc`: from 2³¹ on, each reading of an unsigned one would be a heap number. */
  timestamp = 0;
  ssrc = 0;
  /** Offset of the payload in the packet, and its length without padding. */
  payloadOffset = 0;
  payloadLength = 0;
}

/**
 * Parses a packet into `header` without allocating. Returns false, with `header` undefined, for anything
 * that is not well-formed RTP version 2, whatever the bytes.
 *
 * @param length of the packet, when it does not fill `packet`.
 */
export function parseRtp(packet: Uint8Array, header: RtpHeader, length = packet.length): boolean {
  if (length < RTP_HEADER_LENGTH || packet[0] >> 6 !== 2) return false;
  let offset = RTP_HEADER_LENGTH + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) !== 0) {
    if (offset + 4 > length) return false;
    offset += 4 + 4 * ((packet[offset + 2] << 8) | packet[offset + 3]);
  }
  if (offset > length) return false;
  let padding = 0;
  if ((packet[0] & 0x20) !== 0) {
    padding = packet[length - 1];
    if (padding === 0 || offset + padding > length) return false;
  }
  header.marker = (packet[1] & 0x80) !== 0;
  header.payloadType = packet[1] & 0x7f;
  header.sequence = (packet[2] << 8) | packet[3];
  header.timestamp = readWord(packet, 4);
  header.ssrc = readWord(packet, 8);
  header.payloadOffset = offset;
  header.payloadLength = length - offset - padding;
  return true;
}

/** Writes the 12 fixed bytes of a packet without CSRCs, extension or padding. Numbers are taken modulo their width. */
export function writeRtpHeader(
  packet: Uint8Array,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  packet[0] = 0x80;
  packet[1] = (marker ? 0x80 : 0) | (payloadType & 0x7f);
  packet[2] = sequence >> 8;
  packet[3] = sequence;
  writeUint32(packet, 4, timestamp);
  writeUint32(packet, 8, ssrc);
}

/** Whether a packet on an RTP port is RTCP: with rtcp-mux the second byte tells (RFC 5761, 4). */
export function isRtcp(packet: Uint8Array): boolean {
  return packet.length >= 8 && packet[0] >> 6 === 2 && packet[1] >= 192 && packet[1] <= 223;
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return readWord(bytes, offset) >>> 0;
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Signed distance from `from` to `to` on the 32-bit circle of RTP timestamps. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0;
}
