import { DelayHistogram } from './delay-histogram';
import type { JitterBufferOptions } from './options';

/** The fastest packets are looked for over one to two of these, so that the clock follows drift and path changes. */
const WINDOW_MS = 5000;
/** Slew of the delay per packet while audio is playing: 0.5 ms of 20 ms is inaudible. */
const SLEW_MS = 0.5;
/** Share of packets that the adaptive delay lets through in time. */
const IN_TIME = 0.995;
/** The quantile is looked up once in this many packets. */
const QUANTILE_EVERY = 8;
/** Distance from the usual waiting time, either way, at which a packet has another time base. */
const ASTRAY_MS = 1000;

/**
 * Playout time of audio: media time plus an offset, which is the transit time of the fastest packets plus
 * the delay. Media time is the RTP timestamp in units of its clock; arrival is the local clock in milliseconds;
 * only their differences mean something. The offset moves slowly while audio plays and at once when a talk spurt
 * begins. Fractions that functions take or return may be heap numbers: the methods take whole units and answer
 * yes or no.
 */
export class PlayoutClock {
  readonly #adaptive: boolean;
  readonly #msPerUnit: number;
  readonly #minDelay: number;
  readonly #maxDelay: number;
  readonly #histogram = new DelayHistogram();
  readonly #startDelay: number;
  #delay: number;
  #offset = 0;
  #windowEnd = 0;
  #fastest = Infinity;
  #fastestBefore = Infinity;
  #packets = 0;

  constructor(options: Required<JitterBufferOptions>) {
    this.#adaptive = options.mode === 'adaptive';
    this.#msPerUnit = 1000 / options.clockRate;
    this.#minDelay = options.minDelayMs;
    this.#maxDelay = options.maxDelayMs;
    this.#startDelay = this.#adaptive
      ? Math.min(this.#maxDelay, Math.max(this.#minDelay, options.delayMs))
      : options.delayMs;
    this.#delay = this.#startDelay;
  }

  /** Delay above the fastest packets that is aimed at, in milliseconds. */
  get delayMs(): number {
    return this.#delay;
  }

  /** Whether audio of that media time is to be played at `nowMs` or was before. */
  isDue(media: number, nowMs: number): boolean {
    return media * this.#msPerUnit + this.#offset <= nowMs;
  }

  /** Whether its time lies more than `byMs` back. */
  isOverdue(media: number, nowMs: number, byMs: number): boolean {
    return nowMs - (media * this.#msPerUnit + this.#offset) > byMs;
  }

  /** Whether a packet of that media time has another time base than those before it: their timestamps jumped. */
  isAstray(media: number, arrivalMs: number): boolean {
    const waitMs = media * this.#msPerUnit + this.#offset - arrivalMs;
    return waitMs > this.#delay + ASTRAY_MS || waitMs < -ASTRAY_MS;
  }

  /** The media time that makes such a packet wait as long as others, whole units. */
  usualMedia(media: number, arrivalMs: number): number {
    const waitMs = media * this.#msPerUnit + this.#offset - arrivalMs;
    return Math.round(media + (this.#delay - waitMs) / this.#msPerUnit);
  }

  /** Restarts with this packet: another stream, or the old one on another path. */
  restart(media: number, arrivalMs: number): void {
    this.#histogram.clear();
    this.#delay = this.#startDelay;
    this.resynchronise(media, arrivalMs);
  }

  /** Measures transit times from this packet on; the jitter histogram is kept. */
  resynchronise(media: number, arrivalMs: number): void {
    this.#fastest = arrivalMs - media * this.#msPerUnit;
    this.#fastestBefore = Infinity;
    this.#windowEnd = arrivalMs + WINDOW_MS;
    this.#offset = this.#fastest + this.#delay;
  }

  /**
   * Learns from a packet.
   *
   * @param spurtBegins nothing is playing before it, so that the delay may change at once.
   */
  observe(media: number, arrivalMs: number, spurtBegins: boolean): void {
    const transit = arrivalMs - media * this.#msPerUnit;
    if (arrivalMs >= this.#windowEnd) {
      this.#fastestBefore = this.#fastest;
      this.#fastest = transit;
      this.#windowEnd = arrivalMs + WINDOW_MS;
    } else if (transit < this.#fastest) {
      this.#fastest = transit;
    }
    const base = Math.min(this.#fastest, this.#fastestBefore);
    if (this.#adaptive) this.#adapt(Math.floor(transit - base), transit - base > this.#delay);
    const wanted = base + this.#delay;
    // A late packet raises the offset at once: the packets behind it would be late as well.
    if (spurtBegins || (this.#adaptive && transit > this.#offset && wanted > this.#offset)) {
      this.#offset = wanted;
    } else if (wanted > this.#offset) {
      this.#offset = Math.min(wanted, this.#offset + SLEW_MS);
    } else {
      this.#offset = Math.max(wanted, this.#offset - SLEW_MS);
    }
  }

  #adapt(wholeMs: number, isRising: boolean): void {
    this.#histogram.add(wholeMs);
    // The quantile is looked up at once for a packet that exceeds the delay, otherwise for one in eight.
    if (isRising || this.#packets++ % QUANTILE_EVERY === 0) {
      const wanted = this.#histogram.quantile(IN_TIME);
      this.#delay = Math.min(this.#maxDelay, Math.max(this.#minDelay, wanted));
    }
  }
}
