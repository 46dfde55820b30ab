const FIXED_RTP_HEADER = 12;
const VERSION_2 = 2;

/**
 * Length of an RTP header with its CSRCs and extension (RFC 3550, 5.1): the part that SRTP leaves readable.
 * −1 when the first `length` bytes are no RTP packet.
 */
export function rtpHeaderLength(packet: Uint8Array, length: number): number {
  if (length < FIXED_RTP_HEADER || length > packet.length || packet[0] >> 6 !== VERSION_2) return -1;
  let end = FIXED_RTP_HEADER + 4 * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) !== 0) {
    if (end + 4 > length) return -1;
    end += 4 + 4 * ((packet[end + 2] << 8) | packet[end + 3]);
  }
  return end <= length ? end : -1;
}

/** Whether the first `length` bytes can be an RTCP packet: version 2 and a sender's SSRC (RFC 3550, 6.1). */
export function isRtcpPacket(packet: Uint8Array, length: number): boolean {
  return length >= 8 && length <= packet.length && packet[0] >> 6 === VERSION_2;
}
