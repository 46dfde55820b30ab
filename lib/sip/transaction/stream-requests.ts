import { type SipflowError, toSipflowError, TurnoverMap } from '../../common';
import type { Peer } from '../transport/transport';
import type { SipClock } from './timer-settings';

interface Waiting {
  readonly far: string;
  readonly resend: () => Promise<void>;
  readonly fail: (fault?: SipflowError) => void;
  /** Clock time at which its transaction has timed out. */
  readonly until: number;
  sentAgain: boolean;
}

/**
 * Requests that went over a connection and have no response yet. TCP delivers, but not what it was given just
 * before the peer closed: such a request is sent once more over a new connection, then it has failed
 * (RFC 3261, 17.1.4). The peer tells the copy by its branch.
 */
export class StreamRequests {
  readonly #waiting = new TurnoverMap<string, Waiting>();

  constructor(private readonly clock: SipClock) {}

  get size(): number {
    this.#forgetOld();
    return this.#waiting.size;
  }

  /**
   * Notes a request that was handed to a connection.
   *
   * @param key branch and method
   * @param resend sends it again; rejects when it cannot
   * @param fail ends the request's transaction with a transport error
   */
  sent(key: string, destination: Peer, resend: () => Promise<void>, fail: Waiting['fail']): void {
    this.#forgetOld();
    const until = this.clock.now() + this.clock.transactionTimeout;
    this.#waiting.set(key, { far: farEnd(destination), resend, fail, until, sentAgain: false });
  }

  /** A response to the request has arrived, or it has ended otherwise. */
  answered(key: string): void {
    this.#waiting.delete(key);
  }

  /** A connection is gone, with whatever it still held; the fault, if there is one, says why. */
  connectionLost(peer: Peer, fault?: SipflowError): void {
    this.#forgetOld();
    const far = farEnd(peer);
    for (const [key, waiting] of [...this.#waiting]) {
      if (waiting.far !== far) continue;
      if (waiting.sentAgain) {
        this.#fail(key, waiting, fault);
        continue;
      }
      waiting.sentAgain = true;
      waiting.resend().catch((error: unknown) => {
        this.#fail(key, waiting, toSipflowError(error, 'TRANSPORT'));
      });
    }
  }

  reset(): void {
    this.#waiting.clear();
  }

  /** Entries stand in order of time. */
  #forgetOld(): void {
    const now = this.clock.now();
    for (const [key, { until }] of this.#waiting) {
      if (until > now) return;
      this.#waiting.delete(key);
    }
  }

  #fail(key: string, waiting: Waiting, fault?: SipflowError): void {
    if (this.#waiting.delete(key)) waiting.fail(fault);
  }
}

function farEnd({ transport, address, port }: Peer): string {
  return `${transport} ${address} ${port}`;
}
