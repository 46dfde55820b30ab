import { toSipflowError } from '../../common';
import type { FileCommand, FileEvent } from './protocol';
import { RecordingFile } from './recording-file';

/** The recordings of one media worker, by its ids. A fault ends only the recording that it met. */
export class Recordings {
  readonly #open = new Map<number, RecordingFile>();

  constructor(private readonly post: (event: FileEvent) => void) {}

  /** Carries out a command about a recording; commands for one that failed are ignored. */
  onCommand(command: Extract<FileCommand, { type: 'create' | 'write' | 'finish' }>): void {
    const { id } = command;
    try {
      if (command.type === 'create') {
        const recording = RecordingFile.create(command.request);
        this.#open.set(id, recording);
        this.post({ type: 'created', id, file: recording.file });
        return;
      }
      const recording = this.#open.get(id);
      if (!recording) return;
      if (command.type === 'write') {
        recording.append(command.silence, new Uint8Array(command.data));
        this.post({ type: 'written', id, bytes: command.data.byteLength });
      } else {
        this.#open.delete(id);
        recording.finish();
        this.post({ type: 'finished', id, file: recording.file, dataBytes: recording.dataBytes });
      }
    } catch (error) {
      this.#open.get(id)?.abandon();
      this.#open.delete(id);
      this.post({ type: 'failed', id, failure: toSipflowError(error, 'FILE_ACCESS').toFailure() });
    }
  }

  /** The media worker is gone, or everything ends: open files become final. */
  close(): void {
    for (const recording of this.#open.values()) recording.abandon();
    this.#open.clear();
  }
}
