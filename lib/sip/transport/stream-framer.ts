import { MESSAGE_LIMITS } from '../message/limits';

/** Messages and keep-alives that a chunk completed. */
export interface Framed {
  messages: Buffer[];
  /** Keep-alives (double CRLF) that want a single CRLF back (RFC 5626, 4.4.1). */
  pings: number;
  /**
   * Framing is lost, the start of the next message unknown: the connection is to be closed. The header section of the
   * last one, if it is SIP, is among the messages, so that it gets its 400.
   */
  broken: boolean;
}

const LENGTHS = /^(?:content-length|l)[ \t]*:(.*)$/gim;
const LENGTH = /^\d{1,9}$/;
const FOLD = /\r?\n[ \t]+/g;
/** SIP version in a first line: where a response begins, or where a request ends. */
const SIP_LINE = /^SIP\/\d|SIP\/\d+\.\d+[ \t]*\r?$/i;
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

  #broken = false;

  /** Whether nothing of a message has come yet. */
  get between(): boolean {
    return this.#buffer.length === 0;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @throws RangeError when what comes is no SIP, or a header section larger than any may be
   */
  push(chunk: Buffer): Framed {
    const framed: Framed = { messages: [], pings: 0, broken: this.#broken };
    if (this.#broken) return framed;
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      framed.pings += this.#skipLineEnds();
      if (this.#needed === 0) this.#measure();
      framed.broken = this.#broken;
      if (this.#needed === 0 || this.#buffer.length < this.#needed) return framed;
      framed.messages.push(this.#buffer.subarray(0, this.#needed));
      if (this.#broken) return framed;
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
    const head = this.#buffer.toString('latin1', 0, end);
    if (!isSip(head)) throw new RangeError('not a SIP message');
    const length = contentLength(head);
    this.#needed = end + 4 + (length ?? 0);
    if (length !== undefined && this.#needed <= MESSAGE_LIMITS.bytes) return;
    this.#broken = true;
    this.#needed = end + 4;
  }
}

function isSip(head: string): boolean {
  const lineEnd = head.indexOf('\n');
  return SIP_LINE.test(lineEnd < 0 ? head : head.slice(0, lineEnd));
}

/**
 * Length of the body: 0 when it is not stated, undefined when it is no number or two different ones (RFC 4475, 3.3.9).
 */
function contentLength(head: string): number | undefined {
  const text = /\n[ \t]/.test(head) ? head.replace(FOLD, ' ') : head;
  let length: number | undefined;
  for (const [, stated = ''] of text.matchAll(LENGTHS)) {
    const value = stated.trim();
    if (!LENGTH.test(value) || (length !== undefined && length !== Number(value))) return undefined;
    length = Number(value);
  }
  return length ?? 0;
}
