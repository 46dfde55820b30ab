import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { type Failure, SipflowError } from '../../common';
import type { CreateRequest, FileCommand, FileEvent, LoadRequest } from '../files/protocol';

type Handler = (event: FileEvent) => void;

/**
 * A media worker's line to the file worker. Everything is asynchronous and bounded by credits and
 * acknowledgements; the media worker itself never touches the file system, whose thread pool the whole
 * process shares.
 *
 * While the file worker is being replaced there is no line: running loads and recordings have failed, new ones wait for
 * the new line, which comes within seconds. A waiting recording keeps the 4 s of audio that it may have queued.
 */
export class FileClient {
  readonly #handlers = new Map<number, Handler>();
  /** Commands of loads and recordings that began while there was no line, in order. */
  #waiting: { command: FileCommand; transfer: TransferListItem[] }[] = [];
  #port: MessagePort | undefined;
  #closed = false;
  #lastId = 0;

  /** Uses a new line: loads and recordings of the old one fail, waiting commands are sent. */
  attach(port: MessagePort): void {
    if (this.#port) {
      this.#port.close();
      this.#failAll();
    }
    this.#port = port;
    port.on('message', (event: FileEvent) => this.#onEvent(event));
    port.on('close', () => {
      if (this.#port !== port) return;
      this.#port = undefined;
      this.#failAll();
    });
    for (const { command, transfer } of this.#waiting.splice(0)) this.#post(command, transfer);
  }

  /** Ends the line; nothing more is loaded or recorded. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#port?.close();
    this.#port = undefined;
  }

  /** Begins to load a source; `handler` gets `loaded`, or `streaming` and chunks, or `failed`. */
  load(request: LoadRequest, handler: Handler): number {
    return this.#begin(handler, (id) => ({ type: 'load', id, request }));
  }

  credit(id: number): void {
    this.#post({ type: 'credit', id });
  }

  unload(id: number): void {
    if (!this.#handlers.delete(id)) return;
    this.#waiting = this.#waiting.filter(({ command }) => command.id !== id);
    if (this.#port) this.#post({ type: 'unload', id });
  }

  /** Creates a recording; `handler` gets `created`, `written` and `finished`, or `failed`. */
  create(request: CreateRequest, handler: Handler): number {
    return this.#begin(handler, (id) => ({ type: 'create', id, request }));
  }

  write(id: number, silence: number, data: ArrayBuffer): void {
    this.#post({ type: 'write', id, silence, data }, [data]);
  }

  finish(id: number): void {
    this.#post({ type: 'finish', id });
  }

  #begin(handler: Handler, command: (id: number) => FileCommand): number {
    const id = ++this.#lastId;
    this.#handlers.set(id, handler);
    if (this.#closed) queueMicrotask(() => this.#onEvent({ type: 'failed', id, failure: LINE_LOST }));
    else this.#post(command(id));
    return id;
  }

  /** Sends a command, or keeps it for the next line unless what it belongs to has failed. */
  #post(command: FileCommand, transfer: TransferListItem[] = []): void {
    if (this.#port) this.#port.postMessage(command, transfer);
    else if (this.#handlers.has(command.id)) this.#waiting.push({ command, transfer });
  }

  #onEvent(event: FileEvent): void {
    const handler = this.#handlers.get(event.id);
    if (event.type === 'failed' || event.type === 'finished' || event.type === 'loaded') {
      this.#handlers.delete(event.id);
    }
    handler?.(event);
  }

  #failAll(): void {
    for (const id of [...this.#handlers.keys()]) this.#onEvent({ type: 'failed', id, failure: LINE_LOST });
  }
}

const LINE_LOST: Failure = new SipflowError(
  'FILE_ACCESS',
  'The thread that reads and writes audio files ended unexpectedly. Start the playback or recording again.',
).toFailure();
