import type { Failure } from '../../../common';
import type { MediaEvent } from '../../protocol';
import type { RecordingEnd, RecordRequest } from '../../types';
import type { FileClient } from '../file-client';
import { Recorder } from './recorder';

/** Recordings of one call at the same time. */
const MAX_RECORDINGS = 8;

type RecordingEvent =
  Extract<MediaEvent, { recording: number }> extends infer Event
    ? Event extends { port: number }
      ? Omit<Event, 'port'>
      : never
    : never;

/** The recordings of one session. Times are milliseconds on the session's clock. */
export class SessionRecordings {
  readonly #recorders = new Map<number, Recorder>();
  /** The same as a list, made anew with each change: an iterator for each packet would be an object. */
  #list: readonly Recorder[] = [];
  #waiting: (() => void)[] = [];

  constructor(
    private readonly files: FileClient,
    private readonly emit: (event: RecordingEvent) => void,
    private readonly onChange: () => void = () => undefined,
  ) {}

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** Begins a recording; its progress and end are reported as events. */
  start(id: number, request: RecordRequest, sampleRate: number, nowMs: number): void {
    if (this.#recorders.size >= MAX_RECORDINGS) {
      this.emit({ type: 'recordingFailed', recording: id, failure: TOO_MANY });
      return;
    }
    const recorder = new Recorder(this.files, request, sampleRate, nowMs, {
      started: (file) => this.emit({ type: 'recordingStarted', recording: id, file }),
      finished: (result) => {
        this.emit({ type: 'recordingFinished', recording: id, result });
        this.#onOver(id);
      },
      failed: (failure) => {
        this.emit({ type: 'recordingFailed', recording: id, failure });
        this.#onOver(id);
      },
    });
    this.#recorders.set(id, recorder);
    this.#update();
  }

  control(id: number, control: 'pause' | 'resume', nowMs: number): void {
    this.#recorders.get(id)?.[control](nowMs);
  }

  stop(id: number, reason: RecordingEnd, nowMs: number): void {
    this.#recorders.get(id)?.stop(reason, nowMs);
  }

  /** Ends all and resolves when every file is final, or failed. */
  finish(reason: RecordingEnd, nowMs: number): Promise<void> {
    for (const recorder of this.#list) recorder.stop(reason, nowMs);
    if (!this.any) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The same, for `patienceMs` at most: the disk may hang. */
  async finishWithin(patienceMs: number, reason: RecordingEnd, nowMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([this.finish(reason, nowMs), patience]);
    clearTimeout(timer);
  }

  tick(nowMs: number): void {
    const list = this.#list;
    for (let index = 0; index < list.length; index++) list[index].tick(nowMs);
  }

  /** As `Recorder.writeSent`, to all of them. */
  writeSent(pcm: Int16Array, count: number, sampleRate: number, atMs: number): void {
    const list = this.#list;
    for (let index = 0; index < list.length; index++) list[index].writeSent(pcm, count, sampleRate, atMs);
  }

  /** As `Recorder.writeReceived`, to all of them. */
  writeReceived(
    pcm: Int16Array,
    count: number,
    sampleRate: number,
    position: number,
    arrival: number,
    restarted: boolean,
  ): void {
    const list = this.#list;
    for (let index = 0; index < list.length; index++) {
      list[index].writeReceived(pcm, count, sampleRate, position, arrival, restarted);
    }
  }

  #update(): void {
    this.#list = [...this.#recorders.values()];
    this.onChange();
  }

  #onOver(id: number): void {
    this.#recorders.delete(id);
    this.#update();
    if (this.any) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const TOO_MANY: Failure = {
  code: 'CALL_STATE',
  message: `This call already has ${MAX_RECORDINGS} recordings running.`,
};
