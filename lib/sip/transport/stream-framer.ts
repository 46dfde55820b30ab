import { MESSAGE_LIMITS } from '../message/limits';

/** What a chunk completed. */
export interface Framed {
  messages: Buffer[];
  /** Keep-alives (double CRLF) that want a single CRLF back (RFC 5626, 4.4.1). */
  pings: number;
}

const LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(\d+)[ \t]*$/im;
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/**
 * Cuts messages out of a byte stream by Content-Length (RFC 3261, 18.3), wherever its chunks begin and end.
 * A message without the field has no body.
 */
export class StreamFramer {
  #buffer: Buffer = Buffer.alloc(0);
  /** Up to where the end of the header section has been looked for. */
  #scanned = 0;
  /** Length of the message at the start of the buffer, once its header section is complete. */
  #needed = 0;

  /** Whether nothing of a message has come yet. */
  get between(): boolean {
    return this.#buffer.length === 0;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @throws RangeError when a message is larger than any may be: the stream cannot be followed any further
   */
  push(chunk: Buffer): Framed {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const framed: Framed = { messages: [], pings: 0 };
    for (;;) {
      framed.pings += this.#skipLineEnds();
      if (this.#needed === 0) this.#measure();
      if (this.#needed === 0 || this.#buffer.length < this.#needed) return framed;
      framed.messages.push(this.#buffer.subarray(0, this.#needed));
      this.#buffer = this.#buffer.subarray(this.#needed);
      this.#needed = 0;
      this.#scanned = 0;
    }
  }

  /** Takes line ends between messages away; every pair of them is a ping. */
  #skipLineEnds(): number {
    if (this.#needed > 0 || this.#scanned > 0) return 0;
    let end = 0;
    while (this.#buffer[end] === CARRIAGE_RETURN || this.#buffer[end] === LINE_FEED) end++;
    // Half of a ping waits for its other half.
    const pings = Math.floor(end / 4);
    const rest = end === this.#buffer.length ? pings * 4 : end;
    if (rest > 0) this.#buffer = this.#buffer.subarray(rest);
    return pings;
  }

  #measure(): void {
    if (this.#buffer[0] === CARRIAGE_RETURN) return;
    const end = this.#buffer.indexOf('\r\n\r\n', Math.max(0, this.#scanned - 3), 'latin1');
    if (end < 0) {
      this.#scanned = this.#buffer.length;
      if (this.#scanned > MESSAGE_LIMITS.bytes) throw new RangeError('header section too large');
      return;
    }
    const length = LENGTH.exec(this.#buffer.toString('latin1', 0, end))?.[1];
    this.#needed = end + 4 + Number(length ?? 0);
    if (this.#needed > MESSAGE_LIMITS.bytes) throw new RangeError('message too large');
  }
}
