import { isQuiet, LEAST_STRETCHED, mostStretch, stretch } from '../../../audio';
import { TransitFloor, WINDOW_S } from '../receive/transit-floor';

/** Clock offset up to which nothing is corrected. */
const CLOSE_MS = 0.5;
/**
 * Clock offset from which any frame is stretched; below, only quiet ones, as speech pauses often enough. Loud frames
 * not before the fastest packets are known: a late first packet alone must not distort a short tone.
 */
const LOUD_MS = 12;
/** Offset after a break from which the stream starts over at its arrival. */
const FAR_MS = 20;
/**
 * Least distance of stretched frames: for loud ones so large that a tone stays even, which still corrects a clock drift
 * of 400 ppm.
 */
const LOUD_GAP_MS = 300;
const QUIET_GAP_MS = 100;
/** Length of a gap from which the clock offset is corrected inaudibly within it. */
const PAUSE_MS = 80;
/** Length of a gap from which a stream that is off starts over at its arrival. */
const BREAK_MS = 1000;
/** Longest delay of a restarted stream that places it right behind the audio before it instead of over it. */
const MOST_WAIT_MS = 60;
/** Accuracy of a position on the timeline, unless the clocks have drifted since it began. */
const TRUSTED_MS = 100;
/** Samples of a frame of 120 ms at 48 kHz, with room for stretching. */
const MAX_FRAME = 8192;

/** Shared by all recordings of the thread: a frame is written before the next one is made. */
const stretched = new Int16Array(MAX_FRAME);

/** Writes samples at a position of the session's clock. */
export type WriteSamples = (pcm: Int16Array, count: number, position: number) => void;

/**
 * Received audio, moved from the peer's clock to ours for a recording. The two drift apart, by 360 ms in an hour at
 * 100 ppm: the fastest packets of the last seconds show how far, and single frames are stretched or shortened a little,
 * so that there are neither holes nor overlaps and audio stays within some milliseconds of its arrival. Nothing is
 * allocated.
 */
export class ReceivedTrack {
  readonly #floor = new TransitFloor();
  #begun = false;
  /** Offset from the peer's clock to ours, in samples; the one before it for reordered packets. */
  #offset = 0;
  #offsetBefore = 0;
  /** Position on the peer's clock from which `#offset` holds. */
  #offsetFrom = 0;
  /** End of the newest audio. */
  #end: number;
  #stretchedAt = 0;
  /** Time from which the transit of the fastest packets is known. */
  #knownFrom = 0;

  /** @param start of the recording. */
  constructor(
    private readonly sampleRate: number,
    start: number,
    private readonly write: WriteSamples,
  ) {
    this.#end = start;
  }

  /** Starts over with the next packet: new SSRC, or a timestamp jump. */
  restart(): void {
    this.#begun = false;
  }

  /**
   * Takes a packet's audio.
   *
   * @param position its place on the peer's clock, whole samples; @param arrival when it came on ours.
   */
  take(pcm: Int16Array, count: number, position: number, arrival: number): void {
    const begins = !this.#begun;
    if (begins) this.#begin(position, arrival);
    const offset = position < this.#offsetFrom ? this.#offsetBefore : this.#offset;
    let at = position + offset;
    const gap = at - this.#end;
    if (gap < 0) {
      this.write(pcm, count, at);
      this.#end = Math.max(this.#end, at + count);
      return;
    }
    this.#floor.accept(arrival - at, arrival, this.sampleRate);
    if (!begins && gap >= this.#samples(PAUSE_MS)) at += this.#settle(position, at, arrival, gap);
    const by = this.#due(pcm, count, arrival);
    if (by === 0) {
      this.write(pcm, count, at);
      this.#end = at + count;
      return;
    }
    this.#end = at + stretch(pcm, count, by, stretched);
    this.write(stretched, count + by, at);
    this.#stretchedAt = arrival;
    this.#move(by, position + count);
  }

  #begin(position: number, arrival: number): void {
    const transit = arrival - position;
    const at = Math.abs(transit) > this.#samples(TRUSTED_MS) ? arrival : position;
    const wait = this.#end - at;
    const isShort = wait > 0 && wait <= this.#samples(MOST_WAIT_MS);
    this.#begun = true;
    this.#offset = (isShort ? this.#end : at) - position;
    this.#offsetBefore = this.#offset;
    this.#offsetFrom = position;
    this.#stretchedAt = arrival;
    this.#learn(arrival);
  }

  #learn(arrival: number): void {
    this.#floor.restart();
    this.#knownFrom = arrival + WINDOW_S * this.sampleRate;
  }

  /** Corrects the clock offset at once within a gap; returns by how much later the audio is written. */
  #settle(position: number, at: number, arrival: number, gap: number): number {
    const transit = arrival - at;
    const isBreak = gap >= this.#samples(BREAK_MS) && Math.abs(transit) > this.#samples(FAR_MS);
    const by = Math.max(-gap, isBreak ? transit : this.#floor.value);
    if (isBreak) this.#learn(arrival);
    this.#move(by, position);
    if (isBreak) this.#floor.accept(transit - by, arrival, this.sampleRate);
    return by;
  }

  #move(by: number, from: number): void {
    if (by === 0) return;
    this.#offsetBefore = this.#offset;
    this.#offset += by;
    this.#offsetFrom = from;
    this.#floor.moved(by);
  }

  /** Samples by which this frame should be longer. */
  #due(pcm: Int16Array, count: number, arrival: number): number {
    const error = this.#floor.value;
    const far = Math.abs(error);
    if (far <= this.#samples(CLOSE_MS) || count < LEAST_STRETCHED || count > MAX_FRAME / 2) return 0;
    const since = arrival - this.#stretchedAt;
    if (since < this.#samples(QUIET_GAP_MS)) return 0;
    const quiet = isQuiet(pcm, count);
    if (!quiet && (far <= this.#samples(LOUD_MS) || since < this.#samples(LOUD_GAP_MS))) return 0;
    if (!quiet && arrival < this.#knownFrom) return 0;
    const most = mostStretch(count, this.sampleRate, quiet);
    return Math.max(-most, Math.min(most, error));
  }

  #samples(ms: number): number {
    return (ms * this.sampleRate) / 1000;
  }
}
