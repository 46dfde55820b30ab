import type { MessagePort, TransferListItem } from 'node:worker_threads';
import { SipflowError, type Failure } from '../../common/errors';
import type { CreateRequest, FileCommand, FileEvent, LoadRequest } from '../files/protocol';

type Handler = (event: FileEvent) => void;

/**
 * A media worker's line to the file worker. Everything is asynchronous and bounded by credits and
 * acknowledgements; the media worker itself never touches the file system, whose thread pool the whole
 * process shares.
 */
export class FileClient {
  readonly #handlers = new Map<number, Handler>();
  #port: MessagePort | undefined;
  #lastId = 0;

  /** Uses a new line; whatever the old one still had under way fails. */
  attach(port: MessagePort): void {
    this.#port?.close();
    this.#failAll();
    this.#port = port;
    port.on('message', (event: FileEvent) => this.#onEvent(event));
    port.on('close', () => {
      if (this.#port !== port) return;
      this.#port = undefined;
      this.#failAll();
    });
  }

  close(): void {
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
    if (this.#handlers.delete(id)) this.#post({ type: 'unload', id });
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
    if (this.#port) this.#post(command(id));
    else queueMicrotask(() => this.#onEvent({ type: 'failed', id, failure: LINE_LOST }));
    return id;
  }

  #post(command: FileCommand, transfer: TransferListItem[] = []): void {
    this.#port?.postMessage(command, transfer);
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
