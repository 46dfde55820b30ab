import { Worker, type TransferListItem } from 'node:worker_threads';
import { SipflowError, toSipflowError } from '../common';
import { programOf } from './program';
import type { Exchange, NoticeMessage, RequestMessage, WorkerMessage } from './protocol';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Listener of a worker link. */
export interface LinkListener<Event> {
  onEvent(event: Event): void;
  /** The worker is ending: it runs no more of the program, or will not in a moment. It is gone later. May be called twice. */
  onEnding?(): void;
  /** The worker is gone; everything pending was rejected before. Called once, also after `end()`. */
  onExit(cause: SipflowError): void;
}

/**
 * The main thread's end of a worker: typed requests with command ids, one-way notices, events.
 * A worker's exit, for whatever reason, rejects every pending request.
 */
export class WorkerLink<
  Requests extends Record<keyof Requests, Exchange<unknown, unknown>>,
  Notices extends Record<keyof Notices, unknown>,
  Event,
> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  readonly #name: string;
  #lastId = 0;
  #gone: SipflowError | undefined;

  /**
   * @param entry the worker's file below `lib/media`, without extension.
   * @param workerData plain data; `transfer` lists the ports in it.
   */
  constructor(
    entry: string,
    workerData: unknown,
    transfer: TransferListItem[],
    private readonly listener: LinkListener<Event>,
  ) {
    const { path, execArgv } = programOf(entry);
    this.#name = entry;
    this.#worker = new Worker(path, { workerData, transferList: transfer, execArgv });
    let fault: unknown;
    this.#worker.on('error', (error) => {
      fault = error;
      this.listener.onEnding?.();
    });
    this.#worker.on('messageerror', (error) => (fault = error));
    this.#worker.on('message', (message: WorkerMessage<Event>) => this.#onMessage(message));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#onExit(code, fault);
        resolve();
      });
    });
  }

  /** Whether the worker has ended. */
  get gone(): boolean {
    return this.#gone !== undefined;
  }

  /** Posts a request and resolves with its result; rejects with the worker's failure or INTERNAL when it ended. */
  request<K extends keyof Requests & string>(
    type: K,
    params: Requests[K]['params'],
    transfer: TransferListItem[] = [],
  ): Promise<Requests[K]['result']> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      const message: RequestMessage = { kind: 'request', id, type, params };
      this.#worker.postMessage(message, transfer);
    });
  }

  /** Posts a one-way message; does nothing when the worker has ended. */
  notify<K extends keyof Notices & string>(
    type: K,
    params: Notices[K],
    transfer: TransferListItem[] = [],
  ): void {
    if (this.#gone) return;
    const message: NoticeMessage = { kind: 'notice', type, params };
    this.#worker.postMessage(message, transfer);
  }

  /** Stops the thread at once and resolves when it is gone. */
  async end(): Promise<void> {
    if (!this.#gone) {
      const ending = this.#worker.terminate();
      this.listener.onEnding?.();
      await ending;
    }
    await this.#exited;
  }

  #onMessage(message: WorkerMessage<Event>): void {
    if (message.kind === 'event') {
      this.listener.onEvent(message.event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'reply') pending?.resolve(message.result);
    else pending?.reject(new SipflowError(message.failure.code, message.failure.message));
  }

  #onExit(code: number, fault: unknown): void {
    const detail = fault === undefined ? `exit code ${code}` : toSipflowError(fault).message;
    this.#gone = new SipflowError(
      'INTERNAL',
      `The ${this.#name} thread ended (${detail}). Its calls are lost; new calls use a new thread.`,
      { cause: fault },
    );
    for (const pending of this.#pending.values()) pending.reject(this.#gone);
    this.#pending.clear();
    this.listener.onExit(this.#gone);
  }
}
