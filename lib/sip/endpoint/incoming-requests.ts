import type { TimerHandle } from '../../common';
import type { SipContext } from '../dialog/context';
import { extraHeaderFields } from '../message/extra-headers';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import { Allowance } from '../request/allowance';
import type { RequestServer } from '../transaction/server-requests';
import type { Peer } from '../transport/transport';
import type { FinalOptions, IncomingRequest, SipRequestInfo } from '../types';

/** Requests that may wait for the answer of a listener at the same time. */
const MAX_WAITING = 64;
/** OPTIONS and NOTIFYs a second that listeners hear of; what is beyond gets its default answer. */
const TOLD_PER_SECOND = 100;

export interface IncomingRequestsHost {
  readonly context: Pick<SipContext, 'agent' | 'answer' | 'clock' | 'identity' | 'trust'>;
  /** Whether callers have to prove who they are. */
  readonly callersProve: boolean;
  /** Whether there is a listener. */
  readonly heard: () => boolean;
  tell(request: IncomingRequest): void;
}

/**
 * Requests outside of dialogs that a listener may answer: OPTIONS, MESSAGE and NOTIFY. Each has its default answer, at
 * once unless a listener asks for time.
 */
export class IncomingRequests {
  readonly #waiting = new Set<WaitingRequest>();
  readonly #allowance: Allowance;

  constructor(private readonly host: IncomingRequestsHost) {
    this.#allowance = new Allowance(host.context.clock, TOLD_PER_SECOND);
  }

  receive(request: SipRequest, source: Peer, key: string, fallback: ResponseOptions): void {
    const { context, heard, callersProve } = this.host;
    // A MESSAGE has passed our challenge, if there is one.
    const challenged = request.method === 'MESSAGE';
    // Trust may take DNS queries: none are made without a listener.
    const trusted = heard() && context.trust.vouchesFor(source, challenged);
    const told = heard() && (challenged || ((trusted || !callersProve) && this.#allowance.take()));
    if (!told && !challenged) {
      context.answer(request, source, fallback);
      return;
    }
    const server = context.agent.openServer(request, source, key);
    const waiting = new WaitingRequest(server, trusted, {
      send: (options) => {
        this.#waiting.delete(waiting);
        context.clock.clearTimeout(waiting.timer);
        const fields = options.fields ?? [];
        server.respond({ ...options, fields: [...fields, ...context.identity.responseFields(fields)] });
      },
      wait: () => {
        if (this.#waiting.size >= MAX_WAITING) return false;
        this.#waiting.add(waiting);
        waiting.timer = context.clock.setTimeout(
          () => waiting.respondByDefault(fallback),
          2 * context.clock.timers.t1,
        );
        return true;
      },
    });
    this.host.tell(waiting);
    if (!waiting.deferred) waiting.respondByDefault(fallback);
  }

  /** End of the endpoint: 480 to the requests that still wait. */
  close(): void {
    for (const waiting of [...this.#waiting]) waiting.respondByDefault({ status: 480 });
  }
}

interface Waits {
  send(options: ResponseOptions): void;
  /** Starts the time that the listener has; false when too many wait. */
  wait(): boolean;
}

class WaitingRequest implements IncomingRequest {
  readonly request: SipRequestInfo;
  timer: TimerHandle | undefined;
  #deferred = false;

  constructor(
    private readonly server: RequestServer,
    readonly trusted: boolean,
    private readonly waits: Waits,
  ) {
    this.request = server.request.toInfo();
  }

  get deferred(): boolean {
    return this.#deferred;
  }

  defer(): boolean {
    if (!this.#deferred && this.server.pending) this.#deferred = this.waits.wait();
    return this.#deferred;
  }

  respond({ headers, ...options }: FinalOptions): boolean {
    const fields = extraHeaderFields(headers);
    if (!this.server.pending) return false;
    this.waits.send({ ...options, fields });
    return true;
  }

  respondByDefault(options: ResponseOptions): void {
    if (this.server.pending) this.waits.send(options);
  }
}
