import type { SipflowError } from '../common';
import { deferred } from './deferred';
import type { Recording, RecordingEnd, RecordingResult } from './types';

/** What a handle asks of the worker. */
export interface RecordingControl {
  stop(reason: RecordingEnd): void;
  pause(): void;
  resume(): void;
}

/** The main thread's handle of a recording that runs in a worker. */
export class RecordingHandle implements Recording {
  readonly #started = deferred<{ file: string }>();
  readonly #finished = deferred<RecordingResult>();
  readonly started = this.#started.promise;
  readonly finished = this.#finished.promise;

  constructor(private readonly control: RecordingControl) {}

  stop(...args: Parameters<RecordingControl['stop']>): void {
    this.control.stop(...args);
  }

  pause(): void {
    this.control.pause();
  }

  resume(): void {
    this.control.resume();
  }

  onStarted(file: string): void {
    this.#started.resolve({ file });
  }

  onFinished(result: RecordingResult): void {
    this.#started.resolve({ file: result.file });
    this.#finished.resolve(result);
  }

  onFailed(error: SipflowError): void {
    this.#started.reject(error);
    this.#finished.reject(error);
  }
}
