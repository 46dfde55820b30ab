import { type SipflowError, type TimerHandle, toSipflowError, TurnoverMap } from '../../common';
import type { SipResponse } from '../message/sip-message';
import { randomBranch } from '../message/tokens';
import { localOutcome, unsent, type FinalOutcome, type RequestHandlers } from './outcomes';
import type { SipClock } from './timer-settings';
import { clientKey } from './transaction-key';

/** Request of a client transaction: its method, and a Via to be set. */
export interface SendableRequest {
  readonly method: string;
  setViaHeader(branch: string, protocol: string): void;
}

interface Pending {
  readonly handlers: RequestHandlers;
  readonly timer: TimerHandle;
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
   * @param send rejects when the request could not be handed to the network
   */
  constructor(
    private readonly clock: SipClock,
    private readonly protocol: string,
    private readonly send: (request: R) => Promise<void>,
  ) {}

  get size(): number {
    return this.#pending.size;
  }

  /** Sends a request. Its handlers hear of one final outcome, never before this function has returned. */
  start(request: R, handlers: RequestHandlers): void {
    const branch = randomBranch();
    const key = clientKey(branch, request.method);
    request.setViaHeader(branch, this.protocol);
    const timer = this.clock.setTimeout(
      () => this.#end(key, localOutcome(408, 'timeout')),
      this.clock.transactionTimeout,
    );
    this.#pending.set(key, { handlers, timer });
    this.send(request).catch((error: unknown) => this.fail(key, toSipflowError(error, 'TRANSPORT')));
  }

  /** Takes a response. False when no request of ours waits for it. */
  receive(key: string, response: SipResponse): boolean {
    if (!this.#pending.has(key)) return false;
    if (response.status < 200) return true;
    // A 408 says no more than our own time-out would have said (RFC 4320, 4.1).
    this.#end(
      key,
      response.status === 408
        ? localOutcome(408, 'timeout')
        : { origin: 'remote', info: response.toInfo(), response },
    );
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

  #end(key: string, outcome: FinalOutcome): void {
    const pending = this.#pending.get(key);
    if (!pending) return;
    this.#pending.delete(key);
    this.clock.clearTimeout(pending.timer);
    pending.handlers.final(outcome);
  }
}
