import { SrtpFault } from './faults';

/** Replay window: packets behind the newest one; 5 s of 20 ms packets (RFC 3711, 3.3.2: at least 64). */
export const REPLAY_WINDOW = 256;

/**
 * Which of the newest packets of a stream were accepted. Positions are relative to the newest one, so the
 * owner keeps the index itself, whatever its width.
 */
export class ReplayWindow {
  readonly #seen = new Int32Array(REPLAY_WINDOW / 32);

  /** Empties the window. */
  clear(): void {
    this.#seen.fill(0);
  }

  /**
   * Whether a packet may still be accepted: 0, or the fault.
   *
   * @param distance from the newest accepted packet, positive for newer ones.
   * @param index the packet's index, or its lower 16 bits at least.
   */
  check(distance: number, index: number): 0 | SrtpFault {
    if (distance > 0) return 0;
    if (distance <= -REPLAY_WINDOW) return SrtpFault.TooOld;
    const place = index & (REPLAY_WINDOW - 1);
    return (this.#seen[place >> 5] >>> (place & 31)) & 1 ? SrtpFault.Replayed : 0;
  }

  /** Marks a packet as accepted; one with a positive distance becomes the newest. */
  record(distance: number, index: number): void {
    if (distance >= REPLAY_WINDOW) {
      this.clear();
    } else {
      // The places between the newest packet and this one held packets that now leave the window.
      for (let skipped = 0; skipped < distance; skipped++) {
        const place = (index - skipped) & (REPLAY_WINDOW - 1);
        this.#seen[place >> 5] &= ~(1 << (place & 31));
      }
    }
    const place = index & (REPLAY_WINDOW - 1);
    this.#seen[place >> 5] |= 1 << (place & 31);
  }
}
