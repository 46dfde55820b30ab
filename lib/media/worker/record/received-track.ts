import { isQuiet, LEAST_STRETCHED, mostStretch, stretch } from '../../../audio';
import { TransitFloor, WINDOW_S } from '../receive/transit-floor';

/** Nearer than this to where the fastest packets are, nothing is done. */
const CLOSE_MS = 0.5;
/**
 * From here on audio is stretched wherever it is, otherwise in what is quiet: speech pauses often enough. Not before the
 * stream is known, for that its first packet came late is no reason to touch a tone that is short.
 */
const LOUD_MS = 12;
/** A stream that comes back after a break and is off by more begins anew. */
const FAR_MS = 20;
/**
 * Frames are stretched this far apart at least: loud ones so that a tone stays one, which still makes up for clocks that
 * are 400 ppm apart.
 */
const LOUD_GAP_MS = 300;
const QUIET_GAP_MS = 100;
/** A gap of this length has room for a correction, which nobody hears in it. */
const PAUSE_MS = 80;
/** After such a gap a stream that comes at another time than expected begins anew where it comes. */
const BREAK_MS = 1000;
/** What a stream that starts over may wait so that it does not run into the audio before it. */
const MOST_WAIT_MS = 60;
/** The timeline's place of a packet is right to this, unless the clocks have drifted since it began. */
const TRUSTED_MS = 100;
/** Frames of 120 ms at 48 kHz and what they may grow by. */
const MAX_FRAME = 8192;

/** Shared by all recordings of the thread: a frame is written before the next one is made. */
const stretched = new Int16Array(MAX_FRAME);

/** Writes samples at a position of the session's clock. */
export type WriteSamples = (pcm: Int16Array, count: number, position: number) => void;

/**
 * Brings what a peer sent from the peer's clock to ours. The two drift apart, by 360 ms in an hour at 100 ppm: the
 * fastest packets of the last seconds tell how far, and single frames are made a little longer or shorter, so that
 * audio has neither holes nor overlaps and stays within some milliseconds of where it came. Nothing is allocated.
 */
export class ReceivedTrack {
  readonly #floor = new TransitFloor();
  #begun = false;
  /** From positions of the peer's clock to those of ours; the one before, for packets that were overtaken. */
  #offset = 0;
  #offsetBefore = 0;
  /** Positions of the peer's clock from which on `#offset` holds. */
  #offsetFrom = 0;
  /** Where the newest audio ends. */
  #end: number;
  #stretchedAt = 0;
  /** From then on it is known how fast the fastest packets are. */
  #knownFrom = 0;

  /** @param start of the recording. */
  constructor(
    private readonly sampleRate: number,
    start: number,
    private readonly write: WriteSamples,
  ) {
    this.#end = start;
  }

  /** What follows has nothing to do with what was before (a new SSRC, a leap of timestamps). */
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

  /** In a gap the clocks are brought together at once; returns by how much later the audio is written. */
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
