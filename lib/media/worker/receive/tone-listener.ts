import { InbandDetector } from '../../../dtmf';

/** Difference between session time and sample count from which the stream has paused in between. */
const PAUSE_MS = 200;

/** Receiver of the digits found in the tones; `atMs` is on the session's clock. */
export interface ToneSink {
  start(digit: string): void;
  digit(digit: string, atMs: number, durationMs: number): void;
}

/**
 * Detects DTMF tones in the received audio and puts them on the session's clock: the detector counts samples, which
 * stand still while the peer sends nothing.
 */
export class ToneListener {
  readonly #detector: InbandDetector;
  #heardMs = 0;
  /** Session time of the detector's first sample. */
  #originMs = 0;

  constructor(
    readonly sampleRate: number,
    sink: ToneSink,
  ) {
    this.#detector = new InbandDetector(
      { sampleRate },
      {
        start: (digit) => sink.start(digit),
        digit: (digit, startedAtMs, durationMs) => {
          const atMs = Math.max(0, Math.round(this.#originMs + startedAtMs));
          sink.digit(digit, atMs, Math.round(durationMs));
        },
      },
    );
  }

  /**
   * @param atMs session time of the first sample.
   * @param still all samples are the same.
   */
  hear(pcm: Int16Array, count: number, atMs: number, still: boolean): void {
    const originMs = atMs - this.#heardMs;
    if (Math.abs(originMs - this.#originMs) > PAUSE_MS) this.#detector.flush();
    if (!this.#detector.active) this.#originMs = originMs;
    this.#detector.add(pcm, 0, count, still);
    this.#heardMs += (count * 1000) / this.sampleRate;
  }

  /** Completes a digit that is under way, because the session ends. */
  flush(): void {
    this.#detector.flush();
  }
}
