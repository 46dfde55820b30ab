import type { Clock, TimerHandle } from '../../common';
import { extraHeaderFields, type HeaderField } from '../message/extra-headers';
import type { ResponseOptions } from '../message/serialise';
import type { RequestServer } from '../transaction/server-requests';
import type { LocalIdentity } from '../transport/identity';
import type { AckResult, FinalOptions, IncomingDialogRequest, MessageBody, SipRequestInfo } from '../types';

export interface DialogRequestSettings {
  clock: Clock;
  identity: LocalIdentity;
  /** Whether the sender is known. */
  trusted: boolean;
  /** The default answer, when no listener gives another. */
  fallback: ResponseOptions;
  /** Milliseconds that a listener has for its answer. */
  patience: number;
  /** Fields of a 2xx, such as Contact. */
  successFields: readonly HeaderField[];
  /** Called once, when the answer is sent. */
  onResponded(status: number, body: MessageBody | undefined): void;
}

/** A request inside a dialog that waits for the answer of a listener, or else gets its default answer. */
export class DialogRequest implements IncomingDialogRequest {
  readonly request: SipRequestInfo;
  readonly acknowledged: Promise<AckResult>;
  #acknowledge: (result: AckResult) => void = () => undefined;
  #timer: TimerHandle | undefined;
  #responded = false;

  constructor(
    private readonly server: RequestServer,
    private readonly settings: DialogRequestSettings,
  ) {
    this.request = server.request.toInfo();
    this.acknowledged = new Promise((resolve) => (this.#acknowledge = resolve));
  }

  get trusted(): boolean {
    return this.settings.trusted;
  }

  get responded(): boolean {
    return this.#responded;
  }

  /** Sends the answer; every further call does nothing. BAD_CONFIG for a header that must not be set. */
  respond(options: FinalOptions): void {
    if (this.#responded) return;
    this.#send({ ...options, fields: extraHeaderFields(options.headers) });
  }

  /** Starts the time that a listener has; after it the default answer is sent. */
  expectAnswer(): void {
    if (this.#responded) return;
    this.#timer = this.settings.clock.setTimeout(() => this.respondByDefault(), this.settings.patience);
  }

  respondByDefault(): void {
    this.refuse(this.settings.fallback);
  }

  /** Sends an answer of our own instead of a listener's. */
  refuse(options: ResponseOptions): void {
    if (!this.#responded) this.#send(options);
  }

  /** End of the dialog: 487 to a request without an answer. */
  abandon(): void {
    if (!this.#responded) this.#send({ status: 487 });
    this.settle({ acknowledged: false });
  }

  /** Settles the wait for the ACK. */
  settle(result: AckResult): void {
    this.#acknowledge(result);
  }

  #send(options: ResponseOptions): void {
    this.#responded = true;
    this.settings.clock.clearTimeout(this.#timer);
    const extra = options.fields ?? [];
    const success = options.status < 300 ? this.settings.successFields : [];
    this.server.respond({
      ...options,
      fields: [...success, ...extra, ...this.settings.identity.responseFields(extra)],
    });
    if (this.request.method !== 'INVITE' || options.status >= 300) this.settle({ acknowledged: true });
    this.settings.onResponded(options.status, options.body);
  }
}
