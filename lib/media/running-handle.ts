import type { SipflowError } from '../common';
import { deferred } from './deferred';
import type { Handle, PlaybackResult, RecordingResult } from './types';

/** Commands of a handle to the worker. */
export type RunningControl<Reason> = Pick<Handle<unknown, { reason: Reason }>, 'stop' | 'pause' | 'resume'>;

export type PlaybackHandle = RunningHandle<{ durationMs: number }, PlaybackResult>;
export type RecordingHandle = RunningHandle<{ file: string }, RecordingResult>;

/** The main thread's handle of a playback or recording that runs in a worker. */
export class RunningHandle<Started, Result extends Started & { reason: string }> implements Handle<
  Started,
  Result
> {
  readonly #started = deferred<Started>();
  readonly #finished = deferred<Result>();
  readonly started = this.#started.promise;
  readonly finished = this.#finished.promise;

  constructor(private readonly control: RunningControl<Result['reason']>) {}

  stop(reason: Result['reason']): void {
    this.control.stop(reason);
  }

  pause(): void {
    this.control.pause();
  }

  resume(): void {
    this.control.resume();
  }

  onStarted(facts: Started): void {
    this.#started.resolve(facts);
  }

  /** Settles both promises: a playback or recording that was stopped before it began counts as started too. */
  onFinished(result: Result): void {
    this.#started.resolve(result);
    this.#finished.resolve(result);
  }

  onFailed(error: SipflowError): void {
    this.#started.reject(error);
    this.#finished.reject(error);
  }
}
