/**
 * Why a packet was refused. The per-packet functions return a length (≥ 0) or one of these negative codes:
 * nothing is thrown and nothing allocated for a packet, and a refused packet is left as it came.
 */
export const SrtpFault = {
  /** Too short, not RTP version 2, or a header that does not fit the packet. */
  Malformed: -1,
  /** The buffer has no room behind the packet for the authentication tag. */
  NoRoom: -2,
  /** The authentication tag is wrong: another key, another suite, damage or forgery. */
  Authentication: -3,
  /** A packet with this index was already accepted (received), or already sent (key stream must not be reused). */
  Replayed: -4,
  /** Older than the replay window reaches, or from before the stream's first rollover. */
  TooOld: -5,
} as const;

export type SrtpFault = (typeof SrtpFault)[keyof typeof SrtpFault];

const NAMES: Readonly<Record<SrtpFault, string>> = {
  [SrtpFault.Malformed]: 'malformed',
  [SrtpFault.NoRoom]: 'no room',
  [SrtpFault.Authentication]: 'authentication failed',
  [SrtpFault.Replayed]: 'replayed',
  [SrtpFault.TooOld]: 'too old',
};

/** A few words for logs and tests. */
export function describeSrtpFault(fault: SrtpFault): string {
  return NAMES[fault];
}
