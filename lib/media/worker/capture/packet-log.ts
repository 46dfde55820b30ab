import type { PacketRing } from './packet-ring';
import { OUTGOING, RECORD_HEAD } from './packet-ring';

/** Bytes of the log: small enough to stay in the processor's cache, large enough for some packets of every session. */
const LOG_BYTES = 256 * 1024;
/** In front of a record: where the next one of its session stands, and how long it is itself, in words. */
const LINK_WORDS = 2;
const NONE = -1;
const NOTHING = new Uint8Array(0);
/** Bytes that a loop copies sooner than a call. */
const SHORT = 32;

/**
 * Where the packets of all sessions of a thread are written first, one behind the other: memory that is always in the
 * cache, while the ring of each session is not. When it is full, every session gets its packets in one piece.
 */
export class PacketLog {
  readonly #words = new Int32Array(LOG_BYTES / 4);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #times = new Float64Array(this.#words.buffer);
  /** Time of what is received, and of what is sent: an argument would be a heap number for each packet. */
  readonly #clock = new Float64Array(2);
  readonly #rings: (PacketRing | undefined)[] = [];
  /** By the number of a ring: its first and last record, in words. */
  #first = new Int32Array(64).fill(NONE);
  #last = new Int32Array(64);
  readonly #free: number[] = [];
  #used = 0;
  /** The part of a buffer that was copied last: a view for each packet would be garbage. */
  #lastPacket: Uint8Array = NOTHING;
  #lastView: Uint8Array = NOTHING;

  /** @returns the number of the ring here */
  join(ring: PacketRing): number {
    const number = this.#free.pop() ?? this.#rings.length;
    this.#rings[number] = ring;
    if (number >= this.#first.length) this.#grow();
    return number;
  }

  /** The ring gets what there is of it, and its number is given to others. */
  leave(number: number): void {
    this.flush(number);
    this.#rings[number] = undefined;
    this.#free.push(number);
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
   * Copies a packet of a session.
   *
   * @param number of its ring; @param length of the packet; @param kept bytes of it that are kept, at most `MAX_KEPT`
   */
  add(
    number: number,
    packet: Uint8Array,
    length: number,
    kept: number,
    endpoint: number,
    flags: number,
  ): void {
    // In steps of eight bytes, so that the next time stands where a float may stand.
    const size = ((RECORD_HEAD + kept + 7) >> 3) << 1;
    if (this.#used + LINK_WORDS + size > this.#words.length) this.flushAll();
    const words = this.#words;
    const link = this.#used;
    const record = link + LINK_WORDS;
    words[link] = NONE;
    words[link + 1] = size;
    this.#times[record >> 1] = this.#clock[flags & OUTGOING];
    words[record + 2] = kept | (length << 16);
    words[record + 3] = endpoint | (flags << 16);
    this.#copy(packet, kept, (record << 2) + RECORD_HEAD, flags);
    if (this.#first[number] === NONE) this.#first[number] = link;
    else words[this.#last[number]] = link;
    this.#last[number] = link;
    this.#used = record + size;
  }

  /** Gives a ring its packets. */
  flush(number: number): void {
    const ring = this.#rings[number];
    const words = this.#words;
    for (let link = this.#first[number]; link !== NONE; link = words[link]) {
      ring?.add(words, link + LINK_WORDS, words[link + 1]);
    }
    this.#first[number] = NONE;
  }

  /** Gives every ring its packets, and begins anew. */
  flushAll(): void {
    for (let number = 0; number < this.#rings.length; number++) this.flush(number);
    this.#used = 0;
  }

  #copy(packet: Uint8Array, kept: number, start: number, flags: number): void {
    const bytes = this.#bytes;
    if (kept === packet.length && kept > SHORT) bytes.set(packet, start);
    else if ((flags & OUTGOING) !== 0 && kept > SHORT) bytes.set(this.#view(packet, kept), start);
    else for (let index = 0; index < kept; index++) bytes[start + index] = packet[index];
  }

  /** The beginning of a packet; what is sent is written into the same memory each time, mostly at the same length. */
  #view(packet: Uint8Array, length: number): Uint8Array {
    if (packet !== this.#lastPacket || length !== this.#lastView.length) {
      this.#lastPacket = packet;
      this.#lastView = packet.subarray(0, length);
    }
    return this.#lastView;
  }

  #grow(): void {
    const first = new Int32Array(this.#first.length * 2).fill(NONE);
    const last = new Int32Array(first.length);
    first.set(this.#first);
    last.set(this.#last);
    this.#first = first;
    this.#last = last;
  }
}
