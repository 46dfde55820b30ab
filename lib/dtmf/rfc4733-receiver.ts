import { digitOfEvent } from './digits';
import { MAX_EVENT_DURATION, TELEPHONE_EVENT_BYTES } from './rfc4733';

/** Listener of a receiver of digits; called synchronously from `receive`, `poll` and `flush`. */
export interface DigitSink {
  /** The first packet of a digit came. */
  start(digit: string): void;
  /**
   * A digit is complete, exactly once for each `start`.
   *
   * @param startedAtMs the `nowMs` of its first packet.
   * @param durationMs its length as the sender counted it.
   */
  digit(digit: string, startedAtMs: number, durationMs: number): void;
}

export interface Rfc4733ReceiverOptions {
  /** Clock rate of the telephone-event payload type in Hz, which durations count. */
  clockRate: number;
  /** RTP clock of the stream in Hz, which timestamps count; that of the events when absent. */
  streamClockRate?: number;
  /** Packet time of the stream in milliseconds: the least interval to expect between reports. */
  ptimeMs: number;
}

/** RFC 4733 2.5.1.2 recommends reports every 50 ms; assumed until the sender has shown its own interval. */
const DEFAULT_INTERVAL_MS = 50;
/** Intervals without a packet after which an event is over; the half allows for jitter. */
const LOST_INTERVALS = 3.5;
/** Largest step back of a timestamp that is a late packet of an earlier digit; a larger one is a new timeline. */
const REORDER_WINDOW_S = 5;
/** Finished events remembered, so that late and repeated packets do not report a digit twice. */
const REMEMBERED = 32;

/**
 * The receiving side of RFC 4733 as a state machine without timers: exactly one digit for each event, under
 * loss, duplication and reordering.
 *
 * An event is known by SSRC, timestamp and code; the marker bit is not trusted. It is complete at the first
 * report with the E bit, when reports cease to come, or when another event begins. Events above 15 are
 * ignored, except 16, the flash.
 */
export class Rfc4733Receiver {
  readonly #clockRate: number;
  readonly #streamClockRate: number;
  /** Timestamp step from one segment of an event to the next. */
  readonly #segmentStep: number;
  readonly #ptimeMs: number;
  readonly #sink: DigitSink;
  readonly #finished = new FinishedEvents();

  #active = false;
  #seenAny = false;
  #ssrc = 0;
  #timestamp = 0;
  #event = 0;
  /** Units in earlier segments of the event (RFC 4733 2.5.1.3). */
  #earlierUnits = 0;
  #duration = 0;
  /** Duration in the first packet that came of the event. */
  #firstDuration = 0;
  #startedAtMs = 0;
  #lastPacketAtMs = 0;
  /** Smallest growth between two reports seen so far, in milliseconds. */
  #intervalMs = DEFAULT_INTERVAL_MS;
  #intervalKnown = false;

  constructor(options: Rfc4733ReceiverOptions, sink: DigitSink) {
    this.#clockRate = options.clockRate;
    this.#streamClockRate = options.streamClockRate ?? options.clockRate;
    this.#segmentStep = Math.floor((MAX_EVENT_DURATION * this.#streamClockRate) / this.#clockRate);
    this.#ptimeMs = options.ptimeMs;
    this.#sink = sink;
  }

  /** Whether a digit has begun and is not complete; only then `poll` has something to do. */
  get active(): boolean {
    return this.#active;
  }

  /**
   * Takes the payload of one telephone-event packet. Several reports in one packet (RFC 4733 2.5.1.5) follow
   * each other in time. Anything malformed is ignored.
   *
   * @param nowMs arrival on any monotonic clock; all calls must use the same.
   */
  receive(
    ssrc: number,
    timestamp: number,
    payload: Uint8Array,
    nowMs: number,
    offset = 0,
    length = payload.length - offset,
  ): void {
    // Signed words: unsigned ones from 2³¹ on would be heap numbers.
    let start = timestamp | 0;
    const finish = offset + length;
    for (let at = offset; at + TELEPHONE_EVENT_BYTES <= finish; at += TELEPHONE_EVENT_BYTES) {
      const end = (payload[at + 1] & 0x80) !== 0;
      const duration = (payload[at + 2] << 8) | payload[at + 3];
      // Trailing zeros are padding of careless senders, not a second report.
      if (at > offset && duration === 0) return;
      this.#report(ssrc | 0, start, payload[at], end, duration, nowMs);
      if (!end) return;
      start = (start + (duration * this.#streamClockRate) / this.#clockRate) | 0;
    }
  }

  /** Completes a digit whose packets ceased to come; call it every packet time while `active`. */
  poll(nowMs: number): void {
    if (this.#active && nowMs - this.#lastPacketAtMs > this.#patienceMs()) this.#complete(false);
  }

  /** Completes a running digit because the session ends. */
  flush(): void {
    if (this.#active) this.#complete(false);
  }

  #report(
    ssrc: number,
    timestamp: number,
    event: number,
    end: boolean,
    duration: number,
    nowMs: number,
  ): void {
    const digit = digitOfEvent(event);
    if (digit === undefined) return;
    if (this.#isCurrent(ssrc, timestamp, event)) {
      this.#lastPacketAtMs = nowMs;
      this.#update(duration);
    } else if (this.#finished.has(ssrc, timestamp, event)) {
      return;
    } else if (this.#isNextSegment(ssrc, timestamp, event)) {
      this.#finished.add(this.#ssrc, this.#timestamp, this.#event, true);
      this.#timestamp = timestamp;
      this.#earlierUnits += MAX_EVENT_DURATION;
      this.#duration = duration;
      this.#lastPacketAtMs = nowMs;
    } else if (this.#finished.continues(ssrc, (timestamp - this.#segmentStep) | 0, event)) {
      this.#finished.add(ssrc, timestamp, event, end);
      return;
    } else if (this.#isLate(ssrc, timestamp)) {
      this.#reportLate(ssrc, timestamp, event, digit, duration, nowMs);
      return;
    } else {
      this.#begin(ssrc, timestamp, event, duration, nowMs);
    }
    if (end) this.#complete(true);
  }

  #isCurrent(ssrc: number, timestamp: number, event: number): boolean {
    return this.#active && event === this.#event && timestamp === this.#timestamp && ssrc === this.#ssrc;
  }

  #isNextSegment(ssrc: number, timestamp: number, event: number): boolean {
    return (
      this.#active &&
      event === this.#event &&
      ssrc === this.#ssrc &&
      timestamp === ((this.#timestamp + this.#segmentStep) | 0)
    );
  }

  /** Whether the event began before the newest one of the same stream. */
  #isLate(ssrc: number, timestamp: number): boolean {
    if (!this.#seenAny || ssrc !== this.#ssrc) return false;
    const behind = (this.#timestamp - timestamp) | 0;
    return behind > 0 && behind < REORDER_WINDOW_S * this.#streamClockRate;
  }

  #begin(ssrc: number, timestamp: number, event: number, duration: number, nowMs: number): void {
    if (this.#active) this.#complete(false);
    this.#active = true;
    this.#seenAny = true;
    this.#ssrc = ssrc;
    this.#timestamp = timestamp;
    this.#event = event;
    this.#earlierUnits = 0;
    this.#duration = duration;
    this.#firstDuration = duration;
    this.#startedAtMs = nowMs;
    this.#lastPacketAtMs = nowMs;
    this.#sink.start(digitOfEvent(event) ?? '');
  }

  /**
   * A digit of which nothing arrived before its successor began. While the successor runs, this one still
   * comes out in its place; afterwards it would come out in the wrong order and is dropped.
   */
  #reportLate(
    ssrc: number,
    timestamp: number,
    event: number,
    digit: string,
    duration: number,
    nowMs: number,
  ): void {
    this.#finished.add(ssrc, timestamp, event, true);
    if (!this.#active) return;
    this.#sink.start(digit);
    this.#sink.digit(digit, nowMs, this.#milliseconds(duration));
  }

  #update(duration: number): void {
    const growth = duration - this.#duration;
    if (growth <= 0) return;
    this.#duration = duration;
    const interval = Math.max(this.#milliseconds(growth), this.#ptimeMs);
    if (!this.#intervalKnown || interval < this.#intervalMs) this.#intervalMs = interval;
    this.#intervalKnown = true;
  }

  #patienceMs(): number {
    return LOST_INTERVALS * Math.min(this.#intervalMs, 4 * DEFAULT_INTERVAL_MS);
  }

  #complete(byEnd: boolean): void {
    this.#active = false;
    this.#finished.add(this.#ssrc, this.#timestamp, this.#event, byEnd);
    this.#sink.digit(digitOfEvent(this.#event) ?? '', this.#startedAtMs, this.#durationMs());
  }

  /**
   * Where both clocks differ, some senders count durations by that of the audio although they named the other one.
   * Such an event grew several times as fast as its packets came.
   */
  #durationMs(): number {
    const units = this.#earlierUnits + this.#duration;
    const ratio = this.#streamClockRate / this.#clockRate;
    const cameForMs = this.#lastPacketAtMs - this.#startedAtMs;
    const grewByMs = this.#milliseconds(units - this.#firstDuration);
    const countsAudio = ratio > 1 && cameForMs >= this.#ptimeMs && grewByMs > cameForMs * Math.sqrt(ratio);
    return countsAudio ? this.#milliseconds(units) / ratio : this.#milliseconds(units);
  }

  #milliseconds(units: number): number {
    return (units * 1000) / this.#clockRate;
  }
}

/** The last few events that were reported, in a ring. */
class FinishedEvents {
  readonly #ssrc = new Int32Array(REMEMBERED);
  readonly #timestamp = new Int32Array(REMEMBERED);
  readonly #event = new Int16Array(REMEMBERED).fill(-1);
  /** Whether the end was seen, so that no further segment can belong to it. */
  readonly #ended = new Uint8Array(REMEMBERED);
  #next = 0;

  add(ssrc: number, timestamp: number, event: number, ended: boolean): void {
    this.#ssrc[this.#next] = ssrc;
    this.#timestamp[this.#next] = timestamp;
    this.#event[this.#next] = event;
    this.#ended[this.#next] = ended ? 1 : 0;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  has(ssrc: number, timestamp: number, event: number): boolean {
    return this.#find(ssrc, timestamp, event) !== -1;
  }

  /** Whether this segment of an event was reported because its packets ceased, so that further ones may follow. */
  continues(ssrc: number, timestamp: number, event: number): boolean {
    const index = this.#find(ssrc, timestamp, event);
    return index !== -1 && this.#ended[index] === 0;
  }

  #find(ssrc: number, timestamp: number, event: number): number {
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.#event[i] === event && this.#timestamp[i] === timestamp && this.#ssrc[i] === ssrc) return i;
    }
    return -1;
  }
}
