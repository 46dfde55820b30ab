import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import { type Clock, systemClock } from '../common/clock';
import { PROTOCOL_VERSION, type FileRequests, type FileWorkerData } from './protocol';
import type { AudioInfo, AudioSource } from './types';
import { WorkerLink } from './worker-link';

type FileWorkerLink = WorkerLink<FileRequests, Record<string, never>, never>;

/** A thread that ends so often within this time is not started again by itself, but by the next call. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 60_000;

/** The one thread that reads prompts and writes recordings. Started when it is needed, replaced when it ends. */
export class FileWorker {
  #link: FileWorkerLink | undefined;
  #losses: number[] = [];
  #closed = false;

  /**
   * @param onLost the thread ended by itself: media workers need new lines.
   */
  constructor(
    private readonly soundsDir: string,
    private readonly onLost: () => void,
    private readonly clock: Clock = systemClock,
  ) {}

  /** The running thread, if any. */
  get link(): FileWorkerLink | undefined {
    return this.#link;
  }

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

  #running(): FileWorkerLink {
    if (this.#link) return this.#link;
    const workerData: FileWorkerData = { version: PROTOCOL_VERSION, soundsDir: this.soundsDir };
    this.#link = new WorkerLink('files/main', workerData, [], {
      onEvent: () => undefined,
      onExit: () => {
        this.#link = undefined;
        this.#onExit();
      },
    });
    return this.#link;
  }

  #onExit(): void {
    if (this.#closed) return;
    const now = this.clock.now();
    this.#losses = [...this.#losses.filter((at) => now - at < LOSS_WINDOW_MS), now];
    if (this.#losses.length <= MAX_LOSSES) this.onLost();
  }
}
