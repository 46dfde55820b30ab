/** The shortest interval, milliseconds: more often the figures would cost more than the audio. */
const SHORTEST_MS = 100;

/** Repeating interval; time is passed in. Missed intervals are skipped. */
export class Interval {
  #ms = 0;
  #nextAt = Infinity;

  /** @param ms 0 or undefined = never; the same value again changes nothing. */
  configure(ms: number | undefined, now: number): void {
    const wanted = ms !== undefined && ms > 0 ? Math.max(SHORTEST_MS, ms) : 0;
    if (wanted === this.#ms) return;
    this.#ms = wanted;
    this.#nextAt = wanted > 0 ? now + wanted : Infinity;
  }

  /** Returns true once for each interval. */
  isOver(now: number): boolean {
    if (now < this.#nextAt) return false;
    const slept = Math.floor((now - this.#nextAt) / this.#ms);
    this.#nextAt += (slept + 1) * this.#ms;
    return true;
  }
}
