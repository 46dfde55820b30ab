import type { MessagePort } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import type { PreparedReference } from '../audio';
import { type Clock, systemClock, type TimerHandle } from '../common';
import { PROTOCOL_VERSION, type FileRequests, type FileWorkerData } from './protocol';
import type { AudioInfo, AudioSource } from './types';
import { WorkerLink } from './worker-link';

type FileWorkerLink = WorkerLink<FileRequests, Record<string, never>, never>;

/** Losses within this time count for the pause before the next start. */
const LOSS_WINDOW_MS = 60_000;
/** Losses up to which a restart has no pause; each further one doubles the pause, up to the longest. */
const LOSSES_WITHOUT_PAUSE = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/**
 * Pause before a thread that ended by itself is started again, in milliseconds.
 *
 * @param losses how many there were within the last minute, the latest included.
 */
export function restartPauseMs(losses: number): number {
  if (losses <= LOSSES_WITHOUT_PAUSE) return 0;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (losses - LOSSES_WITHOUT_PAUSE - 1));
}

/**
 * The one thread that reads prompts and writes recordings. Started when it is needed, and again whenever it ends: at
 * once, or after a pause that grows while it keeps ending.
 */
export class FileWorker {
  #link: FileWorkerLink | undefined;
  #losses: number[] = [];
  #restart: TimerHandle | undefined;
  #closed = false;

  /**
   * @param onRestarted the thread runs again after it ended by itself: media workers need new lines.
   */
  constructor(
    private readonly soundsDir: string,
    private readonly onRestarted: () => void,
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

  prepare(source: AudioSource): Promise<PreparedReference> {
    return this.#running().request('prepare', { source });
  }

  /** Finishes every recording and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    this.clock.clearTimeout(this.#restart);
    const link = this.#link;
    if (!link) return;
    await link.request('shutdown', {}).catch(() => undefined);
    await link.end();
  }

  /** The thread, started at once if need be, without the pause. */
  #running(): FileWorkerLink {
    if (this.#link) return this.#link;
    const workerData: FileWorkerData = { version: PROTOCOL_VERSION, soundsDir: this.soundsDir };
    const link: FileWorkerLink = new WorkerLink('files/main', workerData, [], {
      onEvent: () => undefined,
      onExit: () => this.#onExit(),
    });
    this.#link = link;
    if (this.#restart !== undefined) this.#restarted();
    return link;
  }

  #restarted(): void {
    this.clock.clearTimeout(this.#restart);
    this.#restart = undefined;
    this.onRestarted();
  }

  #onExit(): void {
    this.#link = undefined;
    if (this.#closed) return;
    const now = this.clock.now();
    this.#losses = [...this.#losses.filter((at) => now - at < LOSS_WINDOW_MS), now];
    this.#restart = this.clock.setTimeout(() => this.#running(), restartPauseMs(this.#losses.length));
  }
}
