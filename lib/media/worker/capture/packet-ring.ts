import { CHUNK_BYTES, type Chunk, type ChunkOwner, type ChunkPool } from './chunk-pool';

/**
 * A record: time of the packet (8 bytes), length in the ring, length of the packet, endpoint, flags (2 each), then its
 * bytes, filled up to a multiple of 8.
 */
export const RECORD_HEAD = 16;
const AT = 0;
const KEPT = 8;
const LENGTH = 10;
const ENDPOINT = 12;
const FLAGS = 14;

/** Flags of a packet. */
export const OUTGOING = 1;
/** It used the port of RTCP. */
export const RTCP_PORT = 2;

/** Longest piece of a packet that is kept; more than any datagram of audio has. */
export const MAX_KEPT = 8192;

/** Looking for memory where there is none takes a look at every session. */
const PATIENCE = 100;

/** A packet of the ring, as `readRecords` finds it. */
export interface RingRecord {
  at: number;
  length: number;
  endpoint: number;
  flags: number;
  bytes: Uint8Array;
}

/**
 * The latest packets of one session, one behind the other in chunks of a pool; the oldest chunk goes when the limit is
 * reached. Adding a packet allocates nothing.
 */
export class PacketRing implements ChunkOwner {
  readonly #chunks: Chunk[] = [];
  readonly #limit: number;
  #last: Chunk | undefined;
  /** Packets that are not in it any more, or never were. */
  #leftOut = 0;
  /** Packets that are left out before memory is asked for again. */
  #patience = 0;

  /** @param bytes limit of the chunks of this ring */
  constructor(
    private readonly pool: ChunkPool,
    bytes: number,
  ) {
    this.#limit = Math.max(2, Math.floor(bytes / CHUNK_BYTES));
    pool.join(this);
  }

  get size(): number {
    return this.#chunks.length;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /** Counts a packet that there is no place for. */
  leaveOut(): void {
    this.#leftOut += 1;
  }

  /**
   * Copies a record.
   *
   * @param words memory that it stands in, from `place` on for `size` words of 4 bytes
   */
  add(words: Int32Array, place: number, size: number): void {
    let chunk = this.#last;
    if (chunk === undefined || chunk.used + 4 * size > CHUNK_BYTES) chunk = this.#next();
    if (chunk === undefined) {
      this.#leftOut += 1;
      return;
    }
    const target = chunk.words;
    const start = chunk.used >> 2;
    for (let index = 0; index < size; index++) target[start + index] = words[place + index];
    chunk.used += 4 * size;
    chunk.packets += 1;
  }

  giveOldest(): Chunk | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#leftOut += chunk.packets;
    if (chunk === this.#last) this.#last = undefined;
    return chunk;
  }

  /** A copy of all records, in the order in which they came. */
  read(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#chunks.reduce((sum, { used }) => sum + used, 0));
    let place = 0;
    for (const { bytes, used } of this.#chunks) {
      copy.set(bytes.subarray(0, used), place);
      place += used;
    }
    return copy;
  }

  /** Nothing more is added. */
  retire(): void {
    this.pool.retire(this);
  }

  /** Gives all memory back. */
  close(): void {
    this.pool.leave(this);
  }

  #next(): Chunk | undefined {
    if (this.#patience > 0) {
      this.#patience -= 1;
      return undefined;
    }
    const own = this.#chunks.length >= this.#limit ? this.giveOldest() : undefined;
    const chunk = own ?? this.pool.take() ?? this.giveOldest();
    if (chunk === undefined) {
      this.#patience = PATIENCE;
      return undefined;
    }
    chunk.used = 0;
    chunk.packets = 0;
    this.#chunks.push(chunk);
    return (this.#last = chunk);
  }
}

/** The packets in what `read` has returned. */
export function* readRecords(records: Uint8Array<ArrayBuffer>): Generator<RingRecord, void, void> {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  let place = 0;
  while (place + RECORD_HEAD <= records.length) {
    const start = place + RECORD_HEAD;
    const end = start + view.getUint16(place + KEPT, true);
    yield {
      at: view.getFloat64(place + AT, true),
      length: view.getUint16(place + LENGTH, true),
      endpoint: view.getUint16(place + ENDPOINT, true),
      flags: view.getUint16(place + FLAGS, true),
      bytes: records.subarray(start, end),
    };
    place = (end + 7) & ~7;
  }
}
