import { LISTENING_RATE } from '../../../audio';
import { TransitFloor } from '../receive/transit-floor';

/** Room behind the latest packets so far, samples (40 ms), and the longest wait (300 ms). */
const ROOM = LISTENING_RATE * 0.04;
const LONGEST_WAIT = LISTENING_RATE * 0.3;
/** Share of the lateness that is remembered from packet to packet: half of it after seven seconds. */
const MEMORY = 0.998;

/**
 * The peer's sample clock beside the session's. The network only ever delays a packet, so the fastest packets of the
 * last seconds show how the two clocks stand to each other, whatever the jitter; times of the received audio do not
 * depend on when the event loop saw it. In samples of `LISTENING_RATE`.
 */
export class PeerClock {
  readonly #floor = new TransitFloor();
  #lateness = 0;

  /** A new stream begins, whose positions have nothing to do with those before. */
  restart(): void {
    this.#floor.restart();
  }

  /** Takes note of a packet with its position and its arrival on the session's clock. */
  accept(position: number, arrival: number): void {
    const transit = arrival - position;
    this.#floor.accept(transit, arrival, LISTENING_RATE);
    const late = transit - this.#floor.value;
    const remembered = this.#lateness * MEMORY;
    this.#lateness = late > remembered ? late : remembered;
  }

  /** Session time of a position, milliseconds. */
  sessionMs(position: number): number {
    return ((position + this.#floor.value) * 1000) / LISTENING_RATE;
  }

  /** Position of a session time. */
  position(sessionMs: number): number {
    return Math.round((sessionMs * LISTENING_RATE) / 1000) - this.#floor.value;
  }

  /** Position before which no more audio is expected at that session time. */
  settled(sessionMs: number): number {
    const wait = Math.min(LONGEST_WAIT, Math.round(this.#lateness) + ROOM);
    return this.position(sessionMs) - wait;
  }
}
