import { DelayHistogram } from './delay-histogram';
import type { JitterBufferOptions } from './options';

/** The fastest packets are looked for over one to two of these, so that the clock follows drift and path changes. */
const WINDOW_MS = 5000;
/** How much the delay moves with each packet while audio is playing: 0.5 ms of 20 ms cannot be heard. */
const SLEW_MS = 0.5;
/** Share of packets that the adaptive delay lets through in time. */
const IN_TIME = 0.995;
/** The quantile is looked up once in this many packets. */
const QUANTILE_EVERY = 8;

/**
 * Says when audio is played: media time plus an offset, which is the transit time of the fastest packets plus
 * the delay. Media time is the RTP timestamp in milliseconds; arrival is the local clock; only their
 * differences mean something. The offset moves slowly while audio plays and at once when a talk spurt begins.
 */
export class PlayoutClock {
  readonly #adaptive: boolean;
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

  /** Local time at which audio of that media time is played. */
  playAt(mediaMs: number): number {
    return mediaMs + this.#offset;
  }

  /** Begins anew with this packet: another stream, or the old one on another path. */
  restart(mediaMs: number, arrivalMs: number): void {
    this.#histogram.clear();
    this.#delay = this.#startDelay;
    this.resynchronise(mediaMs, arrivalMs);
  }

  /** Measures transit times from this packet on, and keeps what was learnt about jitter. */
  resynchronise(mediaMs: number, arrivalMs: number): void {
    this.#fastest = arrivalMs - mediaMs;
    this.#fastestBefore = Infinity;
    this.#windowEnd = arrivalMs + WINDOW_MS;
    this.#offset = this.#fastest + this.#delay;
  }

  /**
   * Learns from a packet.
   *
   * @param spurtBegins nothing is playing before it, so that the delay may change at once.
   */
  observe(mediaMs: number, arrivalMs: number, spurtBegins: boolean): void {
    const transit = arrivalMs - mediaMs;
    if (arrivalMs >= this.#windowEnd) {
      this.#fastestBefore = this.#fastest;
      this.#fastest = transit;
      this.#windowEnd = arrivalMs + WINDOW_MS;
    } else if (transit < this.#fastest) {
      this.#fastest = transit;
    }
    const base = Math.min(this.#fastest, this.#fastestBefore);
    if (this.#adaptive) this.#adapt(transit - base);
    const wanted = base + this.#delay;
    // A packet that comes too late is the moment to wait longer: what follows it would be late as well.
    if (spurtBegins || (this.#adaptive && transit > this.#offset && wanted > this.#offset)) {
      this.#offset = wanted;
    } else if (wanted > this.#offset) {
      this.#offset = Math.min(wanted, this.#offset + SLEW_MS);
    } else {
      this.#offset = Math.max(wanted, this.#offset - SLEW_MS);
    }
  }

  #adapt(delayMs: number): void {
    this.#histogram.add(delayMs);
    // Rising is urgent, falling is not.
    if (delayMs > this.#delay || this.#packets++ % QUANTILE_EVERY === 0) {
      const wanted = this.#histogram.quantile(IN_TIME);
      this.#delay = Math.min(this.#maxDelay, Math.max(this.#minDelay, wanted));
    }
  }
}
