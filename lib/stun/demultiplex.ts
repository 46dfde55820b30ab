/** First byte of STUN messages: 0 to 3. Neither SIP nor RTP begins with one of them (RFC 7983, 7). */
export const LAST_STUN_BYTE = 3;

/** Protocol of a datagram on a shared socket, told by its first byte (RFC 7983, 7). */
export type DatagramKind = 'stun' | 'dtls' | 'rtp' | 'sip';

/**
 * Sorts a datagram: 0–3 STUN, 20–63 DTLS, 128–191 RTP or RTCP. Of what is left, SIP is the only protocol
 * that a SIPFLOW socket carries; CR and LF are its keep-alive.
 */
export function kindOfDatagram(bytes: Uint8Array): DatagramKind {
  const first = bytes[0] ?? 0x0d;
  if (first <= LAST_STUN_BYTE) return 'stun';
  if (first >= 20 && first <= 63) return 'dtls';
  if (first >= 128 && first <= 191) return 'rtp';
  return 'sip';
}
