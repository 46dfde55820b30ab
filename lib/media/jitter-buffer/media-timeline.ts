import type { PlayoutClock } from './playout-clock';

/** Media time of a stream in RTP clock units: timestamps unwrapped, and continued over their jumps. */
export class MediaTimeline {
  /** The last packet's timestamp had jumped. */
  jumped = false;
  /** The newest packet: number, timestamp and media time. */
  #newest = -1;
  #newestTimestamp = 0;
  #newestMedia = 0;

  /** @param clock learns from every packet. */
  constructor(private readonly clock: PlayoutClock) {}

  /** The next packet begins a stream, and with it media time. */
  restart(): void {
    this.#newest = -1;
  }

  /**
   * The media time of a packet, whole units.
   *
   * @param extended number of the packet.
   * @param timestamp RTP timestamp, 32 bits.
   * @param durationUnits length of its audio.
   * @param arrivalMs when it came, on the clock of the playout.
   * @param spurtBegins nothing is playing before it.
   */
  place(
    extended: number,
    timestamp: number,
    durationUnits: number,
    arrivalMs: number,
    spurtBegins: boolean,
  ): number {
    this.jumped = false;
    const isNewest = extended > this.#newest;
    let media = 0;
    if (this.#newest < 0) {
      this.clock.restart(0, arrivalMs);
    } else {
      media = this.#newestMedia + ((timestamp - this.#newestTimestamp) | 0);
      if (isNewest && this.clock.isAstray(media, arrivalMs)) {
        this.jumped = true;
        media = Math.max(this.clock.usualMedia(media, arrivalMs), this.#newestMedia + durationUnits);
      }
      this.clock.observe(media, arrivalMs, spurtBegins);
    }
    if (isNewest) {
      this.#newest = extended;
      this.#newestTimestamp = timestamp;
      this.#newestMedia = media;
    }
    return media;
  }
}
