import { CHUNK_BYTES, type Chunk, type ChunkOwner, type ChunkPool } from './chunk-pool';

/** In front of each packet: time (8 bytes), length in the ring, length of the packet, endpoint (2 each), flags, nothing. */
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

/** Bytes that a loop copies sooner than a call. */
const SHORT = 32;
const NOTHING = new Uint8Array(0);

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
  /** Time of what is received, and of what is sent: an argument would be a heap number for each packet. */
  readonly #clock = new Float64Array(2);
  #last: Chunk | undefined;
  /** Packets that are not in it any more, or never were. */
  #leftOut = 0;
  /** The part of a buffer that was copied last: a view for each packet would be garbage. */
  #lastPacket: Uint8Array = NOTHING;
  #lastView: Uint8Array = NOTHING;
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

  /** Sets the time of the packets that are received next, in monotonic milliseconds. */
  receivedAt(now: number): void {
    this.#clock[0] = now;
  }

  /** The same for those that are sent next. */
  sentAt(now: number): void {
    this.#clock[OUTGOING] = now;
  }

  /**
   * Copies a packet.
   *
   * @param length of the packet; @param kept bytes of it that are kept, at most `MAX_KEPT`
   */
  add(packet: Uint8Array, length: number, kept: number, endpoint: number, flags: number): void {
    let chunk = this.#last;
    if (chunk === undefined || chunk.used + RECORD_HEAD + kept > CHUNK_BYTES) chunk = this.#next();
    if (chunk === undefined) {
      this.#leftOut += 1;
      return;
    }
    const { bytes, view, used } = chunk;
    view.setFloat64(used + AT, this.#clock[flags & OUTGOING], true);
    view.setUint16(used + KEPT, kept, true);
    view.setUint16(used + LENGTH, length, true);
    view.setUint16(used + ENDPOINT, endpoint, true);
    bytes[used + FLAGS] = flags;
    const start = used + RECORD_HEAD;
    if (kept === packet.length && kept > SHORT) bytes.set(packet, start);
    else if ((flags & OUTGOING) !== 0 && kept > SHORT) bytes.set(this.#view(packet, kept), start);
    else for (let index = 0; index < kept; index++) bytes[start + index] = packet[index];
    chunk.used = start + kept;
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

  /** The beginning of a packet; what is sent is written into the same memory each time, mostly at the same length. */
  #view(packet: Uint8Array, length: number): Uint8Array {
    if (packet !== this.#lastPacket || length !== this.#lastView.length) {
      this.#lastPacket = packet;
      this.#lastView = packet.subarray(0, length);
    }
    return this.#lastView;
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
      flags: records[place + FLAGS],
      bytes: records.subarray(start, end),
    };
    place = end;
  }
}
