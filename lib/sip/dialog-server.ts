import type { Clock } from '../common/clock';
import { sessionFields } from './default-answers';
import { DialogRequest } from './dialog-request';
import type { LocalIdentity } from './identity';
import type { ResponseOptions } from './message/serialise';
import { timerSettings } from './reliability/timer-settings';
import type { DialogSession } from './session-timer';
import type { RequestServer } from './transaction/server-requests';
import type { AckResult, MessageBody } from './types';

/** What the peer's requests in a dialog need of it. */
export interface DialogServerHost {
  /** Shows a request to the listeners. Returns whether there is one. */
  tell(event: 'modify' | 'request', request: DialogRequest): boolean;
  /** Our 2xx to an offer is out. */
  described(body: MessageBody | undefined): void;
  /** A request has its answer, and nothing of it is awaited any longer. */
  closed(): void;
}

/** The peer's requests inside a dialog that wait for an answer, or for the ACK to it. */
export class DialogServer {
  /** A few at most, and none in most dialogs. */
  #open: readonly DialogRequest[] = [];

  constructor(
    private readonly context: { readonly clock: Clock; readonly identity: LocalIdentity },
    private readonly session: DialogSession,
    private readonly host: DialogServerHost,
  ) {}

  /** Offers a request to the listeners; without any, it is answered at once. */
  offer(event: 'modify' | 'request', server: RequestServer, fallback: ResponseOptions): DialogRequest {
    const { t1 } = timerSettings();
    const verdict = event === 'modify' ? this.session.judge(server.request.toInfo().headers) : undefined;
    const open: DialogRequest = new DialogRequest(server, {
      clock: this.context.clock,
      identity: this.context.identity,
      fallback,
      patience: event === 'modify' ? 16 * t1 : 2 * t1,
      successFields: verdict ? [...sessionFields(), ...verdict.headers] : [],
      onResponded: (status, body) => {
        if (verdict && status < 300) {
          this.host.described(body);
          this.session.accepted(verdict);
        }
        if (server.request.method === 'INVITE' && status < 300) return;
        this.#forget(open);
        this.host.closed();
      },
    });
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

  /** The answer to an UPDATE whose offer meets another offer of theirs that waits for our answer (RFC 3311, 5.2). */
  glare(): ResponseOptions | undefined {
    const pending = this.#open.some(
      ({ request }) => request.method === 'INVITE' || request.method === 'UPDATE',
    );
    return pending
      ? { status: 500, fields: [['Retry-After', String(Math.ceil(Math.random() * 10))]] }
      : undefined;
  }

  /** The dialog has ended: nobody can answer any more. */
  abandon(): void {
    for (const open of this.#open) open.abandon();
    this.#open = [];
  }

  #forget(request: DialogRequest): void {
    this.#open = this.#open.filter((each) => each !== request);
  }
}
