/** Class of a packet by its sequence number. */
export type Arrival = 'next' | 'gap' | 'late' | 'duplicate' | 'restart';

/** Sequence numbers remembered to tell a late packet from a duplicate. */
const HISTORY = 512;
/** Largest jumps within a run; beyond them the sender has restarted (RFC 3550, A.1: MAX_DROPOUT, MAX_MISORDER). */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = HISTORY;

/**
 * Follows the sequence numbers of one stream over their wrap (RFC 3550, A.1 and A.3): what was expected,
 * received, lost, repeated and out of order. A new SSRC or a restart begins a new run; figures add up over runs.
 */
export class SequenceTracker {
  /** Extended number of the highest packet: cycles × 65536 + sequence. */
  highest = 0;
  /** Packets without repetitions, over all runs. */
  received = 0;
  duplicates = 0;
  outOfOrder = 0;
  #started = false;
  #base = 0;
  #receivedInRun = 0;
  #expectedBefore = 0;
  /** Extended number last seen at each place of the history. */
  readonly #seen = new Float64Array(HISTORY).fill(-1);

  /** Packets that should have come, over all runs. */
  get expected(): number {
    return this.#expectedBefore + this.#expectedInRun();
  }

  /** Packets that did not come; late ones reduce it again. */
  get lost(): number {
    return Math.max(0, this.expected - this.received);
  }

  /** Ends the run: the next packet starts a new one, and what follows is not counted as loss. */
  restart(): void {
    this.#expectedBefore += this.#expectedInRun();
    // Losses of this run are final; the next run counts its own packets.
    this.#started = false;
    this.#receivedInRun = 0;
    this.#seen.fill(-1);
  }

  /** Counts and classifies a packet. A `restart` was counted as the first packet of a new run. */
  accept(sequence: number): Arrival {
    if (!this.#started) {
      this.#begin(sequence);
      return 'next';
    }
    const step = ((sequence - (this.highest & 0xffff)) << 16) >> 16;
    const extended = this.highest + step;
    if (step > MAX_DROPOUT || step < -MAX_MISORDER) {
      this.restart();
      this.#begin(sequence);
      return 'restart';
    }
    if (step <= 0 && this.#seen[extended & (HISTORY - 1)] === extended) {
      this.duplicates++;
      return 'duplicate';
    }
    this.#seen[extended & (HISTORY - 1)] = extended;
    this.received++;
    this.#receivedInRun++;
    if (step <= 0) {
      this.outOfOrder++;
      // A packet from before the first one raises the expected count, so that it does not hide a loss.
      if (extended < this.#base) this.#base = extended;
      return 'late';
    }
    this.highest = extended;
    return step === 1 ? 'next' : 'gap';
  }

  #begin(sequence: number): void {
    this.#started = true;
    // One cycle ahead, so that a packet from before the first one has a positive number too.
    this.highest = 0x10000 + sequence;
    this.#base = this.highest;
    this.#seen[this.highest & (HISTORY - 1)] = this.highest;
    this.received++;
    this.#receivedInRun = 1;
  }

  #expectedInRun(): number {
    return this.#receivedInRun === 0 ? 0 : this.highest - this.#base + 1;
  }
}
