import { BLOCK_MS, BLOCK_SAMPLES, BLOCKS_PER_DECISION, type Detection, type Detector } from '../../../audio';
import type { ListenRequest } from '../../types';
import type { AudioHistory, BlockSink } from './history';

/** Blocks between two looks at the clock. */
const BLOCKS_PER_LOOK = 5;

/**
 * One listening: takes the audio of the session block by block from where it begins, and asks its detector after each
 * 200 ms of it. What it decides depends on the audio alone, not on when the thread has time for it.
 */
export class Listener {
  /** What was heard instead, once it is certain that the wanted thing will not come. */
  refuted: Detection | undefined;
  /** Next block that the detector gets. */
  #next: number;
  #detector: Detector | undefined;
  readonly #push: BlockSink = (samples, offset, lost) =>
    this.#detector?.push(samples, offset, BLOCK_SAMPLES, lost);

  /**
   * @param start block with which it begins.
   * @param fromMs session time of that, and @param untilMs session time at which it gives up.
   */
  constructor(
    readonly id: number,
    readonly request: ListenRequest,
    readonly start: number,
    readonly fromMs: number,
    readonly untilMs: number,
  ) {
    this.#next = start;
  }

  /** Whether it knows what to listen for. */
  get isReady(): boolean {
    return this.#detector !== undefined;
  }

  /** Whether it has taken all audio that there is. */
  isUpTo(history: AudioHistory): boolean {
    return this.#next >= history.closed;
  }

  use(detector: Detector): void {
    this.#detector ??= detector;
  }

  /** Takes the audio that has come, while `hasTime`; returns what was heard. */
  work(history: AudioHistory, hasTime: () => boolean): Detection | undefined {
    const detector = this.#detector;
    if (!detector) return undefined;
    for (let taken = 1; this.#next < history.closed; taken++) {
      history.read(this.#next, this.#push);
      this.#next++;
      if ((this.#next - this.start) % BLOCKS_PER_DECISION === 0) {
        const heard = detector.poll();
        if (heard) return heard;
        this.refuted = detector.refuted?.();
        if (this.refuted) return undefined;
      }
      if (taken % BLOCKS_PER_LOOK === 0 && !hasTime()) return undefined;
    }
    return undefined;
  }

  /** No more audio comes. */
  end(): Detection | undefined {
    return this.#detector?.end();
  }

  /** The nearest to what it listens for, or what is certain instead. */
  best(): Detection | undefined {
    return this.refuted ?? this.#detector?.best?.();
  }

  /** Block of a time of the detector. */
  blockAt(ms: number): number {
    return this.start + Math.round(ms / BLOCK_MS);
  }
}
