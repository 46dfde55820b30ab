import { CHUNK_BYTES, type ChunkOwner, type ChunkPool } from './chunk-pool';

/** Looking for memory where there is none takes a look at every session. */
const PATIENCE = 100;

/** A chunk with packets. */
interface Filled {
  chunk: number;
  /** Bytes that are in use. */
  used: number;
  packets: number;
}

/**
 * Where the latest packets of one session lie: chunks of a pool, of which the last one is being filled; the oldest goes
 * when the limit is reached.
 */
export class PacketRing implements ChunkOwner {
  /** In the order in which they were taken. */
  readonly #filled: Filled[] = [];
  readonly #limit: number;
  /** Packets that are not in it any more, or never were. */
  #leftOut = 0;
  /** Packets that are left out before memory is asked for again. */
  #patience = 0;
  #isRetired = false;

  /** @param bytes limit of the chunks of this ring */
  constructor(
    private readonly pool: ChunkPool,
    bytes: number,
  ) {
    this.#limit = Math.max(2, Math.floor(bytes / CHUNK_BYTES));
    pool.join(this);
  }

  get size(): number {
    return this.#filled.length;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /** Counts a packet that there is no place for. */
  leaveOut(): void {
    this.#leftOut += 1;
  }

  /** Says how far the last chunk is filled. @param place where the next record would stand in the memory */
  settle(place: number, packets: number): void {
    const last = this.#filled.at(-1);
    if (!last) return;
    last.used = place - last.chunk * CHUNK_BYTES;
    last.packets = packets;
  }

  /**
   * A new last chunk, for a record that has no place in the one before, which is settled. Returns where it begins in the
   * memory, or −1 when there is no chunk.
   */
  next(): number {
    if (this.#isRetired) return -1;
    if (this.#patience > 0) {
      this.#patience -= 1;
      return -1;
    }
    const own = this.#filled.length >= this.#limit ? this.giveOldest() : undefined;
    const chunk = own ?? this.pool.take() ?? this.giveOldest();
    if (chunk === undefined) {
      this.#patience = PATIENCE;
      return -1;
    }
    this.#filled.push({ chunk, used: 0, packets: 0 });
    return chunk * CHUNK_BYTES;
  }

  giveOldest(): number | undefined {
    const oldest = this.#filled.shift();
    if (oldest === undefined) return undefined;
    this.#leftOut += oldest.packets;
    return oldest.chunk;
  }

  /** A copy of all records, in the order in which they came. */
  read(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#filled.reduce((sum, { used }) => sum + used, 0));
    let place = 0;
    for (const { chunk, used } of this.#filled) {
      const start = chunk * CHUNK_BYTES;
      copy.set(this.pool.memory.bytes.subarray(start, start + used), place);
      place += used;
    }
    return copy;
  }

  /** Nothing more is added. */
  retire(): void {
    this.#isRetired = true;
    this.pool.retire(this);
  }

  /** Gives all memory back. */
  close(): void {
    this.#isRetired = true;
    this.pool.leave(this);
  }
}
