import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import { PROTOCOL_VERSION, type FileRequests, type FileWorkerData } from './protocol';
import type { AudioInfo, AudioSource } from './types';
import { WorkerLink } from './worker-link';

/** The one thread that reads prompts and writes recordings. Started when it is needed, replaced when it ends. */
export class FileWorker {
  #link: WorkerLink<FileRequests, Record<string, never>, never> | undefined;
  #closed = false;

  /**
   * @param onLost the thread ended by itself: media workers need new lines.
   */
  constructor(
    private readonly soundsDir: string,
    private readonly onLost: () => void,
  ) {}

  /** Makes a line to the file worker and returns the media worker's end. */
  connect(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#running()
      .request('connect', { port: port1 }, [port1])
      .catch(() => undefined);
    return port2;
  }

  probe(source: AudioSource): Promise<AudioInfo> {
    return this.#running().request('probe', { source });
  }

  /** Finishes every recording and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    const link = this.#link;
    if (!link) return;
    await link.request('shutdown', {}).catch(() => undefined);
    await link.end();
  }

  #running(): WorkerLink<FileRequests, Record<string, never>, never> {
    if (this.#link) return this.#link;
    const workerData: FileWorkerData = { version: PROTOCOL_VERSION, soundsDir: this.soundsDir };
    this.#link = new WorkerLink('files/main', workerData, [], {
      onEvent: () => undefined,
      onExit: () => {
        this.#link = undefined;
        if (!this.#closed) this.onLost();
      },
    });
    return this.#link;
  }
}
