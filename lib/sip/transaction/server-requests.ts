import { detached, TurnoverMap } from '../../common';
import { withContact } from '../message/default-answers';
import { writeResponse, type ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import { randomToken } from '../message/tokens';
import type { WrittenResponse } from '../message/written-message';
import type { Peer } from '../transport/transport';
import { ExpiringMap } from './expiring-map';
import type { SipClock } from './timer-settings';

/** Our side of a request that waits for an answer. */
export interface RequestServer {
  readonly request: SipRequest;
  /** Whether a final answer can still be given. */
  readonly pending: boolean;
  /** Sends a final response, unless one was sent already. */
  respond(options: ResponseOptions): void;
}

/**
 * Server transactions of everything but INVITE (RFC 3261, 17.2.2). A request that comes again is absorbed until it
 * has its answer, and gets the same answer from then on. After that nothing is kept but the answer's text: at
 * 1,000 calls per second 32,000 of them are kept at the same time.
 */
export class ServerRequests {
  /** Requests without an answer. */
  readonly #waiting = new TurnoverMap<string, ServerRequest>();
  readonly #answers: ExpiringMap<WrittenResponse>;

  /**
   * @param reliable whether nothing is sent again: then no answer has to be kept (timer J)
   * @param contact ours, as the sender of that request should see it
   * @param send must not throw; what cannot be sent is the peer's to ask for again
   */
  constructor(
    private readonly clock: SipClock,
    private readonly reliable: boolean,
    private readonly contact: (request: SipRequest, source: Peer) => string,
    private readonly send: (response: WrittenResponse) => void,
  ) {
    this.#answers = new ExpiringMap(clock);
  }

  get size(): number {
    return this.#waiting.size + this.#answers.size;
  }

  /** Opens the transaction of a request that is new. */
  open(request: SipRequest, source: Peer, transaction: string): RequestServer {
    // It is kept with the answer for 32 s: not with it the request that it was cut out of.
    const key = detached(transaction);
    const server = new ServerRequest(request, (options) => {
      this.#waiting.delete(key);
      const response = this.#write(request, source, key, options);
      if (!this.reliable) this.#answers.set(key, response, this.clock.transactionTimeout);
      this.send(response);
    });
    this.#waiting.set(key, server);
    return server;
  }

  /** Absorbs a request that came before, or answers it again. False when it is new. */
  absorb(key: string): boolean {
    const answer = this.#answers.get(key);
    if (answer) this.send(answer);
    return answer !== undefined || this.#waiting.has(key);
  }

  reset(): void {
    this.#waiting.clear();
    this.#answers.clear();
  }

  #write(request: SipRequest, source: Peer, key: string, options: ResponseOptions): WrittenResponse {
    const { encoding, method } = request;
    const callId = detached(request.callId);
    const { status, reason, body } = options;
    const fields = withContact(options.fields, () => this.contact(request, source));
    const toTag = request.toTag === undefined ? randomToken() : undefined;
    const text = writeResponse(request, { status, reason, toTag, fields, body });
    return { kind: 'response', text, encoding, status, method, callId, key, source };
  }
}

class ServerRequest implements RequestServer {
  #answered = false;

  constructor(
    readonly request: SipRequest,
    private readonly answer: (options: ResponseOptions) => void,
  ) {}

  get pending(): boolean {
    return !this.#answered;
  }

  respond(options: ResponseOptions): void {
    if (this.#answered) return;
    this.#answered = true;
    this.answer(options);
  }
}
