import { randomBytes } from 'node:crypto';
import { type Clock, SipflowError } from '../common';
import { decodeBindingResponse, encodeBindingRequest, type BindingRequestOptions } from './binding';
import type { MappedAddress } from './mapped-address';
import { TRANSACTION_ID_BYTES } from './message';

export interface BindingClientOptions extends BindingRequestOptions {
  clock: Clock;
  /** Sends one datagram to the server from the socket whose address is asked for; a throw ends the client. */
  send(bytes: Buffer): void;
  /** The one result; not called after `close`. */
  onResult(result: BindingResult): void;
  /** Names the server in messages to people: `stun.example.com:3478`. */
  server: string;
  /** First retransmission time-out, doubled each time; 500 ms when absent (RFC 8489, 6.2.1). */
  rtoMs?: number;
  /** Requests in all (Rc); 7 when absent. With both defaults the client gives up after 39.5 s. */
  maxRequests?: number;
  /** 12 unpredictable bytes. */
  makeTransactionId?: () => Buffer;
}

export type BindingResult =
  { kind: 'mapped'; mapped: MappedAddress } | { kind: 'failed'; error: SipflowError };

/** After the last request the client waits this many times the first time-out (Rm). */
const LAST_WAIT = 16;

/**
 * One binding transaction over UDP (RFC 8489, 6.2.1) as a state machine: it runs on any socket, of SIP or
 * RTP, whose owner hands it the datagrams that `kindOfDatagram` calls `stun`.
 */
export class BindingClient {
  readonly #transactionId: Buffer;
  readonly #request: Buffer;
  #timer: ReturnType<Clock['setTimeout']> | undefined;
  #sent = 0;
  #state: 'new' | 'waiting' | 'done' = 'new';

  constructor(private readonly options: BindingClientOptions) {
    this.#transactionId = options.makeTransactionId?.() ?? randomBytes(TRANSACTION_ID_BYTES);
    this.#request = encodeBindingRequest(this.#transactionId, options);
  }

  /** Sends the first request. Does nothing when called again. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'waiting';
    this.#transmit();
  }

  /** @returns whether the datagram was the response to this request, and so is used up */
  receive(bytes: Buffer): boolean {
    if (this.#state === 'new') return false;
    const answer = decodeBindingResponse(bytes, this.#transactionId);
    if (!answer) return false;
    // A retransmitted request brings a second response: it is ours, and changes nothing.
    if (this.#state === 'done') return true;
    if (answer.kind === 'mapped') this.#finish(answer);
    else if (answer.kind === 'error') this.#fail(refused(this.options.server, answer.code, answer.reason));
    else this.#fail(useless(this.options.server));
    return true;
  }

  /** Gives up silently. Idempotent. */
  close(): void {
    this.#state = 'done';
    this.options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #transmit(): void {
    const { clock, rtoMs = 500, maxRequests = 7 } = this.options;
    this.#sent += 1;
    const isLast = this.#sent >= maxRequests;
    const waitMs = rtoMs * (isLast ? LAST_WAIT : 2 ** (this.#sent - 1));
    this.#timer = clock.setTimeout(() => {
      if (isLast) this.#fail(silent(this.options.server));
      else this.#transmit();
    }, waitMs);
    try {
      this.options.send(this.#request);
    } catch (error) {
      this.#fail(unsendable(this.options.server, error));
    }
  }

  #fail(error: SipflowError): void {
    this.#finish({ kind: 'failed', error });
  }

  #finish(result: BindingResult): void {
    if (this.#state === 'done') return;
    this.close();
    this.options.onResult(result);
  }
}

function silent(server: string): SipflowError {
  return new SipflowError(
    'TIMEOUT',
    `The STUN server ${server} did not answer: check its name and port, and that UDP may pass in both directions.`,
  );
}

function refused(server: string, code: number, reason: string): SipflowError {
  return new SipflowError(
    'TRANSPORT',
    `The STUN server ${server} refused the request (${code} ${reason}): use a server that answers binding requests without credentials.`,
  );
}

function useless(server: string): SipflowError {
  return new SipflowError(
    'TRANSPORT',
    `The STUN server ${server} answered without an address: use another STUN server, or set the advertised address.`,
  );
}

function unsendable(server: string, cause: unknown): SipflowError {
  return new SipflowError(
    'TRANSPORT',
    `Cannot send to the STUN server ${server}: check the network and the bind address of the SIP phone.`,
    { cause },
  );
}
