/**
 * Limits of a message, which bound its memory. A peer that exceeds one of these gets 513 (RFC 3261, 21.5.7) or no
 * answer.
 */
export const MESSAGE_LIMITS = {
  /** Whole message, bytes: what one UDP datagram can carry. */
  bytes: 65_535,
  /** Header fields. */
  headers: 256,
  /** Start line, characters. */
  startLine: 8_192,
  /** `CSeq`, RFC 3261, 8.1.1.5. */
  cseq: 2 ** 31 - 1,
} as const;
