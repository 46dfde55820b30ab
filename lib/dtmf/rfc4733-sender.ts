import { SipflowError } from '../common';
import { eventOfDigit, MAX_DIGITS, PAUSE_MS } from './digits';
import { MAX_EVENT_DURATION, TELEPHONE_EVENT_BYTES, writeTelephoneEvent } from './rfc4733';

/** Receivers need this much silence to tell two equal digits apart (RFC 4733 2.5.1.1, ITU-T Q.24). */
export const MIN_GAP_MS = 40;
/** Final reports of an event and of a segment are sent this often (RFC 4733 2.5.1.4). */
const FINAL_REPORTS = 3;
/** Codes in the queue that are not events. */
const PAUSE = 0xff;

export interface Rfc4733SenderOptions {
  /** RTP clock of the stream in Hz: that of the audio codec, which timestamps count. */
  clockRate: number;
  /** Clock of the telephone-event payload type in Hz, which durations count; that of the stream when absent. */
  eventClockRate?: number;
  /** Time between two calls of `tick`, in milliseconds. */
  ptimeMs: number;
  /** Power level as a positive number of −dBm0, 0–63. */
  volume?: number;
}

/**
 * Turns digits into telephone-event packets (RFC 4733 2.5.1), one decision per packet time. The media worker
 * calls `tick` in place of an audio packet with the RTP timestamp that this audio packet would have had.
 *
 * The timestamp of all packets of an event is that of its start while the duration grows; the first packet
 * has the marker, the last report goes out three times; events beyond 65,535 units continue in segments; the
 * next digit begins after the pause with a timestamp of its own. When the worker skipped ticks the duration
 * follows the timestamp, so the tone is never shorter than it says. `tick` allocates nothing.
 */
export class Rfc4733Sender {
  /**
   * RTP timestamp for the packet that the last `tick` wrote, as a signed word: from 2³¹ on, an unsigned one would be a
   * heap number.
   */
  timestamp = 0;
  /** Marker bit for the packet that the last `tick` wrote. */
  marker = false;
  /** Whether the packet that the last `tick` wrote was the very last one of the digits given. */
  last = false;

  readonly #clockRate: number;
  /** Units of the stream's clock in one unit of a duration. */
  readonly #unitsPerDuration: number;
  /** The longest segment, in units of the stream's clock. */
  readonly #longestSegment: number;
  readonly #unitsPerTick: number;
  readonly #volume: number;
  readonly #queue = new Uint8Array(MAX_DIGITS);
  #length = 0;
  #position = 0;
  #toneUnits = 0;
  #gapUnits = 0;

  /** The event on the wire, or -1 between events. */
  #event = -1;
  #segmentStart = 0;
  /** Units of the event that are left at the start of the segment. */
  #segmentUnits = 0;
  /** Duration in the last report of the segment. */
  #reported = 0;
  /** Final reports that are still to be sent; 0 while the duration grows. */
  #finalReports = 0;
  #firstPacket = false;
  /** The end of the pause in front of the next event, and how long that pause is in all. */
  #pauseEnd = 0;
  #pauseUnits = 0;
  /** Whether that pause is one that the digits ask for, and not merely the gap behind a tone. */
  #commaPause = false;

  constructor(options: Rfc4733SenderOptions) {
    this.#clockRate = options.clockRate;
    this.#unitsPerDuration = options.clockRate / (options.eventClockRate ?? options.clockRate);
    this.#longestSegment = Math.floor(MAX_EVENT_DURATION * this.#unitsPerDuration);
    this.#unitsPerTick = Math.round((options.ptimeMs * options.clockRate) / 1000);
    this.#volume = options.volume ?? 10;
  }

  /** Whether ticks are needed: an event, a pause that was asked for, or further digits are outstanding. */
  get active(): boolean {
    return this.#event !== -1 || this.#position < this.#length || this.#commaPause;
  }

  /**
   * Queues digits; the first begins at the next tick, or after the pause behind the digit before.
   *
   * @param digits as `normaliseDigits` returns them.
   * @param toneMs length of each tone; at least one packet time is sent.
   * @param gapMs pause between digits, at least 40 ms.
   * @throws SipflowError CALL_STATE while other digits are being sent, BAD_DIGITS for what is no digit.
   */
  start(digits: string, toneMs: number, gapMs: number): void {
    if (this.active)
      throw new SipflowError('CALL_STATE', 'Digits are still being sent; wait until they are out.');
    if (digits.length > MAX_DIGITS)
      throw new SipflowError('BAD_DIGITS', `Send at most ${MAX_DIGITS} digits at once.`);
    for (let i = 0; i < digits.length; i++) {
      const code = digits[i] === ',' ? PAUSE : eventOfDigit(digits[i]);
      if (code === undefined) throw new SipflowError('BAD_DIGITS', `"${digits[i]}" is no DTMF digit.`);
      this.#queue[i] = code;
    }
    this.#position = 0;
    this.#length = digits.length;
    this.#toneUnits = Math.max(this.#units(toneMs), this.#unitsPerTick);
    this.#gapUnits = this.#units(Math.max(gapMs, MIN_GAP_MS));
  }

  /** Drops the digits not begun; a running tone ends at the next tick with proper final reports. */
  stop(): void {
    this.#position = this.#length;
    if (this.#commaPause) this.#pauseUnits = 0;
    this.#commaPause = false;
    if (this.#event === -1) return;
    if (this.#finalReports === 0) {
      this.#segmentUnits = this.#reported;
    } else if (this.#segmentUnits > this.#longestSegment) {
      this.#segmentUnits = this.#longestSegment;
      this.#finalReports = FINAL_REPORTS;
    }
  }

  /**
   * Decides about one packet time.
   *
   * @param timestamp RTP timestamp of this packet time, as 32 bits signed or unsigned.
   * @param target receives the payload at `offset`.
   * @returns the number of payload bytes; 0 when this packet time belongs to audio.
   */
  tick(timestamp: number, target: Uint8Array, offset = 0): number {
    this.last = false;
    if (this.#event === -1 && !this.#begin(timestamp)) return 0;
    if (this.#finalReports === 0) this.#grow(timestamp);
    const final = this.#finalReports > 0;
    const end = final && this.#segmentUnits <= this.#longestSegment;
    const duration = Math.round(this.#reported / this.#unitsPerDuration);
    writeTelephoneEvent(target, offset, this.#event, end, this.#volume, duration);
    this.timestamp = this.#segmentStart;
    this.marker = this.#firstPacket;
    this.#firstPacket = false;
    if (final && --this.#finalReports === 0) this.#finish(end);
    return TELEPHONE_EVENT_BYTES;
  }

  /** Starts the next event when its time has come. */
  #begin(timestamp: number): boolean {
    while (!this.#pausing(timestamp)) {
      this.#commaPause = false;
      if (this.#position === this.#length) return false;
      const code = this.#queue[this.#position++];
      if (code === PAUSE) {
        this.#commaPause = true;
        this.#pause(timestamp, this.#units(PAUSE_MS));
      } else {
        this.#event = code;
        this.#segmentStart = timestamp | 0;
        this.#segmentUnits = this.#toneUnits;
        this.#firstPacket = true;
        return true;
      }
    }
    return false;
  }

  /** The duration grows until the event's time is up or the segment is full; then the final reports begin. */
  #grow(timestamp: number): void {
    const limit = Math.min(this.#segmentUnits, this.#longestSegment);
    const elapsed = ((timestamp - this.#segmentStart) >>> 0) + this.#unitsPerTick;
    this.#reported = Math.min(elapsed, limit);
    if (elapsed >= limit) this.#finalReports = FINAL_REPORTS;
  }

  /** After the final reports comes the pause, or the next segment (RFC 4733 2.5.1.3). */
  #finish(end: boolean): void {
    const segmentEnd = (this.#segmentStart + this.#reported) | 0;
    if (end) {
      this.#event = -1;
      this.#pause(segmentEnd, this.#gapUnits);
      this.last = !this.#eventsLeft();
    } else {
      this.#segmentStart = segmentEnd;
      this.#segmentUnits -= this.#reported;
    }
  }

  #pause(from: number, units: number): void {
    this.#pauseEnd = (from + units) | 0;
    this.#pauseUnits = units;
  }

  /** A pause that lies ahead by more than its own length is a past one seen across the timestamp's wrap. */
  #pausing(timestamp: number): boolean {
    const remaining = (this.#pauseEnd - timestamp) >>> 0;
    return remaining > 0 && remaining <= this.#pauseUnits;
  }

  #eventsLeft(): boolean {
    for (let i = this.#position; i < this.#length; i++) if (this.#queue[i] !== PAUSE) return true;
    return false;
  }

  #units(ms: number): number {
    return Math.round((ms * this.#clockRate) / 1000);
  }
}
