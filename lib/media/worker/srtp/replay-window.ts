/** Packets behind the newest one that are still told apart from replays; RFC 3711, 3.3.2 asks for 64 at least. */
const WINDOW = 256;

/** Remembers which packet indices were received, so that a recorded packet cannot be sent in again. */
export class ReplayWindow {
  readonly #seen = new Float64Array(WINDOW).fill(-1);
  #highest = -1;

  /** Whether a packet of this index may be accepted. */
  allows(index: number): boolean {
    if (index > this.#highest) return true;
    return index > this.#highest - WINDOW && this.#seen[index % WINDOW] !== index;
  }

  /** Notes a packet that was authenticated. */
  add(index: number): void {
    this.#seen[index % WINDOW] = index;
    if (index > this.#highest) this.#highest = index;
  }
}
