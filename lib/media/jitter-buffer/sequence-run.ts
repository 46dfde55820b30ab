/** Sequence numbers remembered to tell a late packet from a duplicate. */
const HISTORY = 512;
/** Largest step that counts as loss; beyond it the sender has restarted (RFC 3550, A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3000;
/** Numbers begin one cycle up, so that packets from before the first one are positive too. */
const CYCLE = 0x10000;

/**
 * Extends sequence numbers over their wraps and finds duplicates. A run ends when the SSRC changes or
 * the numbers jump (RFC 3550, A.1).
 */
export class SequenceRun {
  /** SSRC of the run. */
  ssrc = 0;
  /** Highest extended number so far. */
  highest = 0;
  /** The last packet that `number` was asked about began a run. */
  began = false;
  #started = false;
  readonly #seen = new Int32Array(HISTORY);

  /** The next packet begins a run. */
  end(): void {
    this.#started = false;
  }

  /** The packet's extended sequence number, or −1 for a duplicate. */
  number(ssrc: number, sequence: number): number {
    const step = ((sequence - this.highest) << 16) >> 16;
    this.began = !this.#started || ssrc !== this.ssrc || step > MAX_DROPOUT || step <= -HISTORY;
    const extended = this.began ? CYCLE + sequence : this.highest + step;
    if (this.began) {
      this.#started = true;
      this.ssrc = ssrc;
      this.highest = extended;
      this.#seen.fill(0);
    } else if (this.#seen[extended & (HISTORY - 1)] === (extended | 0)) {
      return -1;
    }
    this.#seen[extended & (HISTORY - 1)] = extended;
    if (extended > this.highest) this.highest = extended;
    return extended;
  }
}
