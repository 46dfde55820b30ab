import { sessionFields } from '../message/default-answers';
import type { ResponseOptions } from '../message/serialise';
import type { DialogSession } from '../session-timer';
import type { RequestServer } from '../transaction/server-requests';
import type { SipClock } from '../transaction/timer-settings';
import type { LocalIdentity } from '../transport/identity';
import type { AckResult, MessageBody } from '../types';
import { tryLater, type OpenOffer } from './offer-glare';
import { DialogRequest } from './request';

/** Requests of one peer that may wait for an answer at the same time. */
const MAX_OPEN = 32;

/** Dialog of the peer's requests: its state, its listeners, and the end of each request. */
export interface DialogServerHost {
  /** Whether the INVITE has its 2xx. */
  confirmed(): boolean;
  /** Shows a request to the listeners. Returns whether there is one. */
  tell(event: 'modify' | 'request', request: DialogRequest): boolean;
  /** Our 2xx to an offer is out. */
  answeredOffer(body: MessageBody | undefined): void;
  /** A request has its answer, and nothing of it is awaited any longer. */
  requestOver(): void;
}

/** The peer's requests inside a dialog that wait for an answer, or for the ACK to it. */
export class DialogServer {
  /** A few at most, and none in most dialogs. */
  #open: readonly DialogRequest[] = [];

  constructor(
    private readonly context: { readonly clock: SipClock; readonly identity: LocalIdentity },
    private readonly session: DialogSession,
    private readonly host: DialogServerHost,
  ) {}

  /**
   * Offers a request to the listeners; without any, it is answered at once.
   *
   * @param trusted whether its sender is known
   */
  offer(
    event: 'modify' | 'request',
    server: RequestServer,
    fallback: ResponseOptions,
    trusted = false,
  ): DialogRequest {
    const { t1 } = this.context.clock.timers;
    const verdict = event === 'modify' ? this.session.judge(server.request.toInfo().headers) : undefined;
    const open: DialogRequest = new DialogRequest(server, {
      clock: this.context.clock,
      identity: this.context.identity,
      trusted,
      fallback,
      patience: event === 'modify' ? 16 * t1 : 2 * t1,
      successFields: verdict ? [...sessionFields(), ...verdict.headers] : [],
      onResponded: (status, body) => {
        if (verdict && status < 300) {
          this.host.answeredOffer(body);
          // The timer runs from the 2xx to the INVITE on.
          if (this.host.confirmed()) this.session.accepted(verdict);
        }
        if (server.request.method === 'INVITE' && status < 300) return;
        this.#forget(open);
        this.host.requestOver();
      },
    });
    if (this.#open.length >= MAX_OPEN) {
      open.refuse(tryLater());
      return open;
    }
    this.#open = [...this.#open, open];
    if (verdict?.kind === 'reject') {
      open.refuse({ status: verdict.status, fields: verdict.headers });
      return open;
    }
    if (this.host.tell(event, open)) open.expectAnswer();
    else open.respondByDefault();
    return open;
  }

  /** The ACK to our 2xx of a re-INVITE. */
  acknowledged(result: AckResult): void {
    for (const open of this.#open) {
      if (open.request.method !== 'INVITE') continue;
      this.#forget(open);
      open.settle(result);
    }
  }

  /** Whether an UPDATE of the peer waits for our answer: then no other may come (RFC 3311, 5.2). */
  get updating(): boolean {
    return this.#open.some(({ request, responded }) => request.method === 'UPDATE' && !responded);
  }

  /** The offer of a request of the peer, or the one that it has asked us for. */
  get openOffer(): OpenOffer {
    for (const { request, responded } of this.#open) {
      if (request.method !== 'INVITE' && request.method !== 'UPDATE') continue;
      if (!responded) return 'theirs';
      // Our 2xx carries the offer, and the ACK will bring the answer.
      if (!request.body) return 'ours';
    }
    return undefined;
  }

  /** End of the dialog: 487 to the requests without an answer. */
  abandon(): void {
    for (const open of this.#open) open.abandon();
    this.#open = [];
  }

  #forget(request: DialogRequest): void {
    this.#open = this.#open.filter((each) => each !== request);
  }
}
