import type { Clock, TimerHandle } from '../../common';

/** RFC 5626, 4.4.1. */
const PONG_TIMEOUT_MS = 10_000;
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** Outcome of a ping that has no answer. */
export interface PulseHandlers {
  /** The peer answers pings, but not this one: its connection is dead. */
  dead(): void;
  /** The peer has never answered one. It may not know RFC 5626, or the connection is dead; told once. */
  silent(): void;
}

/** Whether the far end of one connection still answers our pings (RFC 5626, 4.4.1: CRLF CRLF, and CRLF back). */
export class Pulse {
  #timer: TimerHandle | undefined;
  #answers = false;
  #ignored = false;

  constructor(
    private readonly clock: Clock,
    private readonly handlers: PulseHandlers,
  ) {}

  /** The peer has said that it answers pings. */
  expect(): void {
    this.#answers = true;
  }

  /** A ping was sent. */
  pinged(): void {
    if (this.#timer || this.#ignored) return;
    this.#timer = this.clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#answers) {
        this.handlers.dead();
        return;
      }
      this.#ignored = true;
      this.handlers.silent();
    }, PONG_TIMEOUT_MS);
  }

  /**
   * Bytes have arrived: the connection is alive.
   *
   * @param between whether no message is under way, so that a line end may be a pong
   * @returns the bytes without the pong
   */
  heard(bytes: Buffer, between: boolean): Buffer {
    if (!this.#timer) return bytes;
    this.stop();
    const ends = lineEnds(bytes);
    if (!between || ends % 4 !== 2) return bytes;
    this.#answers = true;
    return bytes.subarray(2);
  }

  stop(): void {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Bytes at the beginning that are line ends; only the first few matter. */
function lineEnds(bytes: Buffer): number {
  let end = 0;
  while (end < 8 && (bytes[end] === CARRIAGE_RETURN || bytes[end] === LINE_FEED)) end++;
  return end;
}
