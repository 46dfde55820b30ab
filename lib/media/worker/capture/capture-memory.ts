import { OUTGOING, RECORD_HEAD } from './record';

/** Bytes that a loop copies sooner than a call. */
const SHORT = 32;
/** What SRTP and others may have left behind a packet: to copy it along is cheaper than a view of the packet. */
const TAIL = 32;

/**
 * The memory that the packets of all sessions of a thread are written to: one piece, so that a packet needs no view of
 * its own. The system gives its pages when they are first written to.
 */
export class CaptureMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  /** Time of what is received, and of what is sent: an argument would be a heap number for each packet. */
  readonly #clock = new Float64Array(2);

  /** @param size in bytes, a multiple of 8 */
  constructor(size: number) {
    const buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#times = new Float64Array(buffer);
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
   * Writes a record.
   *
   * @param place of the record, a multiple of 8; @param end of the memory that may be written to
   * @param length of the packet; @param kept bytes of it that are kept, at most `MAX_KEPT`
   * @param about its endpoint in the lower half, its flags in the upper one
   */
  write(place: number, end: number, packet: Uint8Array, length: number, kept: number, about: number): void {
    const word = place >> 2;
    this.#times[place >> 3] = this.#clock[(about >> 16) & OUTGOING];
    this.#words[word + 2] = kept | (length << 16);
    this.#words[word + 3] = about;
    const start = place + RECORD_HEAD;
    const whole = packet.length;
    if (kept > SHORT && whole - kept <= TAIL && start + whole <= end) this.bytes.set(packet, start);
    else for (let index = 0; index < kept; index++) this.bytes[start + index] = packet[index];
  }
}
