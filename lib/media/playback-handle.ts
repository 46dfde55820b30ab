import type { SipflowError } from '../common';
import { deferred } from './deferred';
import type { Playback, PlaybackEnd, PlaybackResult } from './types';

/** What a handle asks of the worker. */
export interface PlaybackControl {
  stop(reason: PlaybackEnd): void;
  pause(): void;
  resume(): void;
}

/** The main thread's handle of a playback that runs in a worker. */
export class PlaybackHandle implements Playback {
  readonly #started = deferred<{ durationMs: number }>();
  readonly #finished = deferred<PlaybackResult>();
  readonly started = this.#started.promise;
  readonly finished = this.#finished.promise;

  constructor(private readonly control: PlaybackControl) {}

  stop(...args: Parameters<PlaybackControl['stop']>): void {
    this.control.stop(...args);
  }

  pause(): void {
    this.control.pause();
  }

  resume(): void {
    this.control.resume();
  }

  onStarted(durationMs: number): void {
    this.#started.resolve({ durationMs });
  }

  /** A playback that was stopped before its first packet has started and finished at once. */
  onFinished(result: PlaybackResult): void {
    this.#started.resolve({ durationMs: result.durationMs });
    this.#finished.resolve(result);
  }

  onFailed(error: SipflowError): void {
    this.#started.reject(error);
    this.#finished.reject(error);
  }
}
