/**
 * Packet loss concealment. `none`: silence. `repeat-fade`: repeats the last packet, fading out.
 * `pitch`: repeats the last pitch periods, in the manner of ITU-T G.711 Appendix I.
 */
export type ConcealmentMode = 'none' | 'repeat-fade' | 'pitch';

/** Shortest and longest pitch period: 66 to 200 Hz (G.711 App. I: 40 to 120 samples at 8 kHz). */
const SHORTEST_PITCH_MS = 5;
const LONGEST_PITCH_MS = 15;
/** Window of the autocorrelation that finds the pitch. */
const CORRELATION_MS = 20;
/** Most pitch periods that are repeated: with one alone, longer gaps would buzz. */
const MAX_PERIODS = 3;
/** Length of a step: after each another period is repeated too; in `pitch`, fading begins after the first. */
const STEP_MS = 10;
/** Length of a gap after which the concealment has faded to silence. */
const SILENT_AFTER_MS = 60;
/** The cross-fade back to real audio takes 4 ms more for each further 10 ms that were lost, 10 ms at most. */
const RECOVERY_STEP_MS = 4;
const RECOVERY_MAX_MS = 10;

/**
 * Scratch of the thread: a sample of the repetition and of the one before, and a correlation. In arrays, because a
 * fraction that a function returns may be a heap number, one for each sample.
 */
const repeated = new Float64Array(2);
const NEW = 0;
const OLD = 1;
const likeness = new Float64Array(1);

/**
 * Packet loss concealment for a stream of 16-bit samples. Every frame of the stream passes through it: `good` for a
 * received one, `conceal` for a lost one; frames may have any length. Nothing is delayed (Appendix I delays by
 * 3.75 ms to smooth the beginning of a gap; here the beginning is bent to meet the last sample instead), and
 * nothing is allocated after the constructor.
 */
export class PacketLossConcealer {
  readonly mode: ConcealmentMode;
  // Received audio needs these alone, which lie together.
  /** Samples concealed in this gap; 0 while audio comes. */
  #concealed = 0;
  /** Number of newest samples with one value: a silent stream need not write them again. */
  #stillSamples = 0;
  #stillValue = 0;
  #lastFrame: number;
  readonly #size: number;
  /** Position of the oldest sample of the history, which is overwritten next. */
  #oldest = 0;
  /** The newest samples of the stream in a ring, so that no frame moves the ones before it. */
  readonly #history: Int16Array;
  readonly #rate: number;
  /** Samples of a step, of the hold at full level, and of the fade behind it. */
  readonly #stepSamples: number;
  readonly #holdSamples: number;
  readonly #fadeSamples: number;
  /** The history at the beginning of the gap. */
  readonly #source: Float32Array;
  #pitch = 0;
  /** Pitch periods being repeated, and the position of the next sample in them. */
  #periods = 1;
  #read = 0;
  /** Cross-fade to one more period: samples left of it, and the position in the old repetition. */
  #fade = 0;
  #oldRead = 0;
  /** Step from the last real sample to the first repeated one, which the beginning of the gap levels out. */
  #step = 0;

  /** @param sampleRate of the audio in Hz, 8000 or 16000 (any rate up to 48000 works). */
  constructor(mode: ConcealmentMode, sampleRate: number) {
    this.mode = mode;
    this.#rate = sampleRate;
    this.#stepSamples = this.#samples(STEP_MS);
    this.#holdSamples = mode === 'pitch' ? this.#stepSamples : 0;
    this.#fadeSamples = this.#samples(SILENT_AFTER_MS) - this.#holdSamples;
    const longest = this.#samples(LONGEST_PITCH_MS);
    this.#size = MAX_PERIODS * longest + (longest >> 2);
    this.#history = new Int16Array(this.#size);
    this.#source = new Float32Array(this.#size);
    this.#lastFrame = this.#samples(CORRELATION_MS);
  }

  /** Whether the last frame was concealed. */
  get concealing(): boolean {
    return this.#concealed > 0;
  }

  /** Starts a new stream: the history is dropped. */
  reset(): void {
    this.#history.fill(0);
    this.#stillSamples = 0;
    this.#concealed = 0;
  }

  /**
   * Takes in `count` received samples. After a gap their beginning is cross-faded in place.
   *
   * @param still all samples are the same.
   * @returns whether they are the same after a cross-fade too.
   */
  good(pcm: Int16Array, offset: number, count: number, still = false): boolean {
    if (this.mode === 'none' || count === 0) return still;
    const isStill = still && this.#concealed === 0;
    if (this.#concealed > 0) this.#recover(pcm, offset, count);
    this.#concealed = 0;
    this.#lastFrame = count;
    if (isStill) this.#rememberStill(pcm, offset, count);
    else this.#remember(pcm, offset, count);
    return isStill;
  }

  /** Writes `count` samples in place of lost ones. */
  conceal(pcm: Int16Array, offset: number, count: number): void {
    if (count === 0) return;
    if (this.mode === 'none') {
      pcm.fill(0, offset, offset + count);
      return;
    }
    if (this.#concealed === 0) this.#begin();
    this.#synthesise(pcm, offset, count);
    this.#remember(pcm, offset, count);
  }

  #samples(ms: number): number {
    return Math.round((this.#rate * ms) / 1000);
  }

  #rememberStill(pcm: Int16Array, offset: number, count: number): void {
    const goesOn = this.#stillSamples > 0 && pcm[offset] === this.#stillValue;
    const before = goesOn ? this.#stillSamples : 0;
    // In a ring of one value it does not matter where the oldest is.
    if (before < this.#size) this.#remember(pcm, offset, count);
    this.#stillValue = pcm[offset];
    this.#stillSamples = Math.min(this.#size, before + count);
  }

  #remember(pcm: Int16Array, offset: number, count: number): void {
    this.#stillSamples = 0;
    const history = this.#history;
    const kept = Math.min(count, history.length);
    const from = offset + count - kept;
    const start = this.#oldest;
    const upToEnd = Math.min(kept, history.length - start);
    for (let i = 0; i < upToEnd; i++) history[start + i] = pcm[from + i];
    for (let i = upToEnd; i < kept; i++) history[i - upToEnd] = pcm[from + i];
    this.#oldest = (start + kept) % history.length;
  }

  #begin(): void {
    const history = this.#history;
    const source = this.#source;
    const end = history.length;
    for (let i = 0; i < end; i++) source[i] = history[(this.#oldest + i) % end];
    // A packet is repeated like one very long period; the history keeps room for the overlap at its end.
    this.#pitch =
      this.mode === 'pitch' ? this.#findPitch() : Math.min(this.#lastFrame, Math.floor(end * 0.8));
    this.#step = source[end - 1] - source[end - 1 - this.#pitch];
    this.#periods = 1;
    this.#read = 0;
    this.#fade = 0;
  }

  #synthesise(pcm: Int16Array, offset: number, count: number): void {
    for (let i = 0; i < count; i++) pcm[offset + i] = this.#next();
  }

  /** Cross-fades from the repetition to the received audio. */
  #recover(pcm: Int16Array, offset: number, count: number): void {
    const lostSteps = Math.max(0, Math.ceil(this.#concealed / this.#stepSamples) - 1);
    const ms = Math.min(RECOVERY_MAX_MS, RECOVERY_STEP_MS * (lostSteps + 1));
    const length = Math.min(count, this.#samples(ms));
    for (let i = 0; i < length; i++) {
      const weight = (i + 1) / (length + 1);
      pcm[offset + i] = Math.round(this.#next() * (1 - weight) + pcm[offset + i] * weight);
    }
  }

  /** The next concealed sample. */
  #next(): number {
    const quarter = this.#pitch >> 2;
    if (this.mode === 'pitch' && this.#periods < MAX_PERIODS) {
      if (this.#concealed === this.#periods * this.#stepSamples) this.#addPeriod(quarter);
    }
    this.#repeat(this.#read, this.#periods, NEW);
    let value = repeated[NEW];
    this.#read = (this.#read + 1) % (this.#periods * this.#pitch);
    if (this.#fade > 0) {
      const weight = this.#fade / (quarter + 1);
      this.#repeat(this.#oldRead, this.#periods - 1, OLD);
      value += (repeated[OLD] - value) * weight;
      this.#oldRead = (this.#oldRead + 1) % ((this.#periods - 1) * this.#pitch);
      this.#fade--;
    }
    if (this.#concealed < quarter) value += this.#step * (1 - (this.#concealed + 1) / (quarter + 1));
    const faded = this.#concealed - this.#holdSamples;
    if (faded > 0) value *= Math.max(0, 1 - faded / this.#fadeSamples);
    this.#concealed++;
    return Math.max(-32768, Math.min(32767, Math.round(value)));
  }

  /** Repeats one more period than before, from the same place of the period on. */
  #addPeriod(quarter: number): void {
    this.#oldRead = this.#read;
    this.#read %= this.#pitch;
    this.#periods++;
    this.#fade = quarter;
  }

  /**
   * Puts sample `read` of the last `periods` periods into the scratch. The last quarter of a period is cross-faded to
   * the samples before the repeated part, so that the end of the repetition meets its beginning.
   */
  #repeat(read: number, periods: number, into: number): void {
    const source = this.#source;
    const length = periods * this.#pitch;
    const at = source.length - length + read;
    const quarter = this.#pitch >> 2;
    const left = source.length - at;
    const weight = left > quarter ? 1 : left / (quarter + 1);
    repeated[into] = weight === 1 ? source[at] : source[at] * weight + source[at - length] * (1 - weight);
  }

  /** Pitch period: the lag at which the last 20 ms correlate best with the audio before them. */
  #findPitch(): number {
    const shortest = this.#samples(SHORTEST_PITCH_MS);
    const longest = this.#samples(LONGEST_PITCH_MS);
    // Every second sample at 8 kHz is enough to find the neighbourhood.
    const coarse = Math.max(1, Math.round(this.#rate / 4000));
    let best = longest;
    let bestScore = -Infinity;
    for (let lag = longest; lag >= shortest; lag -= coarse) {
      this.#compare(lag, coarse);
      if (likeness[0] > bestScore) {
        bestScore = likeness[0];
        best = lag;
      }
    }
    const from = Math.max(shortest, best - coarse + 1);
    const to = Math.min(longest, best + coarse - 1);
    bestScore = -Infinity;
    for (let lag = from; lag <= to; lag++) {
      this.#compare(lag, 1);
      if (likeness[0] > bestScore) {
        bestScore = likeness[0];
        best = lag;
      }
    }
    return best;
  }

  /** Puts the normalised correlation of the last 20 ms with the audio `lag` samples before into the scratch. */
  #compare(lag: number, stride: number): void {
    const source = this.#source;
    let product = 0;
    let energy = 1;
    for (let i = source.length - this.#samples(CORRELATION_MS); i < source.length; i += stride) {
      const before = source[i - lag];
      product += source[i] * before;
      energy += before * before;
    }
    likeness[0] = product / Math.sqrt(energy);
  }
}
