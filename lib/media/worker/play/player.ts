import type { Failure } from '../../../common';
import type { PlaybackEnd, PlaybackResult } from '../../types';
import type { SampleSource } from './sample-source';

/** Listener of a player: `started` with the first packet, then exactly one of the others. */
export interface PlayerListener {
  started(durationMs: number): void;
  finished(result: PlaybackResult): void;
  failed(failure: Failure): void;
}

type State = 'loading' | 'ready' | 'playing' | 'done';

/**
 * One playback: takes samples from its source in step with the packets that go out. It keeps its position
 * while it is paused, while nothing may be sent, and over skipped deadlines, so that nothing of the prompt
 * is lost to them.
 */
export class Player {
  #state: State = 'loading';
  #paused = false;
  #source: SampleSource | undefined;
  #played = 0;
  #justStarted = false;
  #end: PlaybackEnd | undefined;
  readonly #limit: number;

  /**
   * @param sampleRate of the source; the session's codec may have another one by the time it plays.
   * @param maxDurationMs 0 = no limit.
   */
  constructor(
    readonly sampleRate: number,
    maxDurationMs: number,
    private readonly listener: PlayerListener,
  ) {
    this.#limit = maxDurationMs > 0 ? Math.round((maxDurationMs * sampleRate) / 1000) : Infinity;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** The source is there; a player that was stopped meanwhile closes it. */
  ready(source: SampleSource): void {
    if (this.#state !== 'loading') {
      source.close();
      return;
    }
    this.#source = source;
    this.#state = 'ready';
  }

  /** The source cannot be had, or broke while it played. */
  fail(failure: Failure): void {
    if (this.done) return;
    this.#state = 'done';
    this.#source?.close();
    this.listener.failed(failure);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  stop(reason: PlaybackEnd): void {
    if (!this.done) this.#finish(reason);
  }

  /**
   * Fills one frame; the rest of it is silence. Returns false when there is nothing to play in this frame.
   * A frame that was filled must be sent and then reported by `frameSent`.
   */
  fill(pcm: Int16Array, count: number): boolean {
    const source = this.#source;
    if (!source || this.#paused || this.done) return false;
    // Infinity is no small integer: without the comparison the result would be a heap number in each packet.
    const left = this.#limit - this.#played;
    const wanted = left < count ? left : count;
    const got = source.read(pcm, 0, wanted);
    pcm.fill(0, got, count);
    this.#played += got;
    if (this.#played >= this.#limit && !source.ended) this.#end = 'max-duration';
    else if (source.ended) this.#end = 'completed';
    if (this.#state === 'ready' && (got > 0 || this.#end !== undefined)) {
      this.#state = 'playing';
      this.#justStarted = true;
    }
    return got > 0 || this.#end !== undefined;
  }

  /** The frame that `fill` made is on the wire. */
  frameSent(): void {
    if (this.done) return;
    if (this.#justStarted) {
      this.#justStarted = false;
      this.listener.started(this.#source?.durationMs ?? 0);
    }
    if (this.#end !== undefined) this.#finish(this.#end);
  }

  #finish(reason: PlaybackEnd): void {
    const durationMs = this.#source?.durationMs ?? 0;
    this.#state = 'done';
    this.#source?.close();
    this.listener.finished({
      reason,
      durationMs,
      playedMs: Math.round((this.#played * 1000) / this.sampleRate),
    });
  }
}
