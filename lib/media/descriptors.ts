/** More sockets than UDP has ports, RTP and RTCP of one address together, and the driver's own. */
const CELLS = 65_536;

/**
 * The descriptors that a worker has opened by itself. The memory is shared with the main thread, which closes what a
 * worker leaves that was killed: the system takes them back only when the process ends.
 */
export class Descriptors {
  /** A descriptor plus one; less than 0 when the main thread has claimed it; 0 is a free cell. */
  readonly #cells: Int32Array;
  readonly #free: number[] = [];
  #used = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
  }

  /** Memory for a worker that starts. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Enters an open descriptor; returns its cell, or −1 when all are taken. */
  enter(descriptor: number): number {
    const cell = this.#free.pop() ?? (this.#used < this.#cells.length ? this.#used++ : -1);
    if (cell >= 0) Atomics.store(this.#cells, cell, descriptor + 1);
    return cell;
  }

  /**
   * To be called before the descriptor is closed: afterwards its number may be that of something else. Returns false when
   * the main thread has claimed it, which closes it then.
   */
  forget(cell: number): boolean {
    const entered = Atomics.load(this.#cells, cell);
    if (entered < 0 || Atomics.compareExchange(this.#cells, cell, entered, 0) !== entered) return false;
    this.#free.push(cell);
    return true;
  }

  /** Those that are open now, which the worker no longer closes itself. */
  claim(): number[] {
    const claimed: number[] = [];
    for (let cell = 0; cell < this.#cells.length; cell++) {
      const entered = this.#cells[cell];
      if (entered <= 0) continue;
      if (Atomics.compareExchange(this.#cells, cell, entered, -entered) === entered)
        claimed.push(entered - 1);
    }
    return claimed;
  }

  /** Those that are open, which the caller is to close. Empties the list. */
  takeLeft(): number[] {
    const left = [...this.#cells.filter((cell) => cell !== 0)].map((cell) => Math.abs(cell) - 1);
    this.#cells.fill(0);
    return left;
  }
}
