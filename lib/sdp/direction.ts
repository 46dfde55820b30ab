import { type SdpSection, hasAttribute } from './description';
import type { Direction } from './types';

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** Whether a side with that direction sends. */
export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

/** Whether a side with that direction receives. */
export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** The direction of a side that sends and receives, or not. */
export function directionOf(sending: boolean, receiving: boolean): Direction {
  if (sending) return receiving ? 'sendrecv' : 'sendonly';
  return receiving ? 'recvonly' : 'inactive';
}

/**
 * Direction of the stream when our side wants `local` and the peer says `peer`, both seen from their own
 * side; the result is seen from ours (RFC 3264, 6.1).
 */
export function combineDirections(local: Direction, peer: Direction): Direction {
  return directionOf(sends(local) && receives(peer), receives(local) && sends(peer));
}

/** The direction that a description states for a media line; `sendrecv` when it says nothing (RFC 3264, 5.1). */
export function statedDirection(session: SdpSection, media: SdpSection): Direction {
  for (const section of [media, session]) {
    const stated = DIRECTIONS.find((direction) => hasAttribute(section, direction));
    if (stated) return stated;
  }
  return 'sendrecv';
}
