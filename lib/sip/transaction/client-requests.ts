import { type SipflowError, type TimerHandle, TurnoverMap } from '../../common';
import type { SipResponse } from '../message/sip-message';
import { randomBranch } from '../message/tokens';
import type { Sent } from '../transport/transport';
import { localOutcome, RemoteOutcome, unsent, type FinalOutcome, type RequestHandlers } from './outcomes';
import type { SipClock } from './timer-settings';
import { clientKey } from './transaction-key';

/** Request of a client transaction: its method, and a Via to be set. */
export interface SendableRequest {
  readonly method: string;
  setViaHeader(branch: string, protocol: string): void;
}

interface Pending {
  readonly handlers: RequestHandlers;
  /** Clock time of timer F. */
  readonly until: number;
  timer: TimerHandle;
  /** Whether its end comes before timer F, unless the peer says something. */
  impatient: boolean;
}

/**
 * Client transactions of everything but INVITE and CANCEL (RFC 3261, 17.1.2), except for the retransmissions: those
 * are the outbox's. A transaction ends with its final response; copies of that response match nothing then, and
 * are dropped as timer K would have dropped them.
 */
export class ClientRequests<R extends SendableRequest> {
  readonly #pending = new TurnoverMap<string, Pending>();

  /**
   * @param protocol what Via names
   * @param send hands a request to the network; `sent` is never called before it has returned
   * @param giveUp a request whose answer is not waited for any more is not to be sent again
   */
  constructor(
    private readonly clock: SipClock,
    private readonly protocol: string,
    private readonly send: (request: R, sent: Sent) => void,
    private readonly giveUp: (key: string) => void,
  ) {}

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Sends a request. Its handlers hear of one final outcome, never before this function has returned.
   *
   * @param patienceMs how long the peer may say nothing, when that is less than timer F
   */
  start(request: R, handlers: RequestHandlers, patienceMs?: number): void {
    const branch = randomBranch();
    const key = clientKey(branch, request.method);
    request.setViaHeader(branch, this.protocol);
    const limit = this.clock.transactionTimeout;
    const impatient = patienceMs !== undefined && patienceMs < limit;
    const timer = this.#timer(key, impatient ? patienceMs : limit);
    this.#pending.set(key, { handlers, until: this.clock.now() + limit, timer, impatient });
    this.send(request, (fault) => {
      if (fault) this.fail(key, fault);
    });
  }

  /** Takes a response. False when no request of ours waits for it. */
  receive(key: string, response: SipResponse): boolean {
    const pending = this.#pending.get(key);
    if (!pending) return false;
    if (response.status < 200) {
      if (pending.impatient) this.#wait(key, pending);
      return true;
    }
    // A 408 says no more than our own time-out would have said (RFC 4320, 4.1).
    this.#end(key, response.status === 408 ? localOutcome(408, 'timeout') : new RemoteOutcome(response));
    return true;
  }

  /** Ends a request that could not be sent. */
  fail(key: string, fault?: SipflowError): void {
    this.#end(key, fault ? unsent(fault) : localOutcome(503, 'transport'));
  }

  reset(): void {
    for (const { timer } of this.#pending.values()) this.clock.clearTimeout(timer);
    this.#pending.clear();
  }

  #timer(key: string, ms: number): TimerHandle {
    return this.clock.setTimeout(() => {
      if (this.#pending.get(key)?.impatient) this.giveUp(key);
      this.#end(key, localOutcome(408, 'timeout'));
    }, ms);
  }

  /** The peer works on it: it has until timer F. */
  #wait(key: string, pending: Pending): void {
    this.clock.clearTimeout(pending.timer);
    pending.impatient = false;
    pending.timer = this.#timer(key, pending.until - this.clock.now());
  }

  #end(key: string, outcome: FinalOutcome): void {
    const pending = this.#pending.get(key);
    if (!pending) return;
    this.#pending.delete(key);
    this.clock.clearTimeout(pending.timer);
    pending.handlers.final(outcome);
  }
}
