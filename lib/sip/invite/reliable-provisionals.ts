import { randomInt } from 'node:crypto';
import type { TimerHandle } from '../../common';
import { sameRack } from '../transaction/late-pracks';
import type { SipClock } from '../transaction/timer-settings';
import type { SipRequestInfo } from '../types';

/** More that wait for their turn than any flow sends; what is beyond is not sent. */
const MAX_WAITING = 32;

export interface ReliableProvisionalHandlers {
  /** Sends a response with that RSeq for the first time; returns what sends it again. */
  send(rseq: number): () => void;
  /** Its PRACK is in, and answered. */
  acknowledged?(prack: SipRequestInfo): void;
  /** The peer never acknowledged one: the INVITE should be refused with a 5xx. */
  overdue(): void;
}

interface Outstanding {
  handlers: ReliableProvisionalHandlers;
  rseq: number;
  resend: () => void;
  interval: number;
  elapsed: number;
  timer: TimerHandle | undefined;
}

/**
 * Reliable provisional responses of one INVITE, seen from its server (RFC 3262, 3): one at a time, repeated with
 * doubling intervals until its PRACK, given up after 64·T1.
 */
export class ReliableProvisionals {
  #next = randomInt(1, 2 ** 31 - 2 ** 16);
  #outstanding: Outstanding | undefined;
  readonly #waiting: ReliableProvisionalHandlers[] = [];

  constructor(
    private readonly clock: SipClock,
    /** CSeq number of the INVITE. */
    private readonly cseq: number,
  ) {}

  /** Whether a response waits for its PRACK. */
  get pending(): boolean {
    return this.#outstanding !== undefined;
  }

  /** The RAck of the PRACK that is due; undefined when none is. */
  get rackDue(): string | undefined {
    return this.#outstanding && `${this.#outstanding.rseq} ${this.cseq} INVITE`;
  }

  /** Sends a response now, or when those before it are acknowledged. */
  submit(handlers: ReliableProvisionalHandlers): void {
    if (this.#outstanding) {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(handlers);
      return;
    }
    const rseq = this.#next++;
    const interval = this.clock.timers.t1;
    const outstanding: Outstanding = {
      handlers,
      rseq,
      resend: handlers.send(rseq),
      interval,
      elapsed: 0,
      timer: undefined,
    };
    this.#outstanding = outstanding;
    this.#arm(outstanding);
  }

  /**
   * Takes the RAck of a PRACK: RSeq, CSeq number and method of what it acknowledges.
   *
   * @returns the handlers of that response; undefined when it matches nothing that waits, and is answered 481
   */
  acknowledge(rack: string | undefined): ReliableProvisionalHandlers | undefined {
    const [outstanding, due] = [this.#outstanding, this.rackDue];
    if (!outstanding || due === undefined || !sameRack(rack, due)) return undefined;
    this.clock.clearTimeout(outstanding.timer);
    this.#outstanding = undefined;
    return outstanding.handlers;
  }

  /** After an acknowledged one was answered: sends what waited for it. */
  proceed(): void {
    const next = this.#outstanding ? undefined : this.#waiting.shift();
    if (next) this.submit(next);
  }

  /** The final response is out: nothing is sent any more, but a PRACK that crosses it is still known (RFC 3262, 3). */
  stop(): void {
    this.clock.clearTimeout(this.#outstanding?.timer);
    this.#waiting.length = 0;
  }

  #arm(outstanding: Outstanding): void {
    const wait = Math.min(outstanding.interval, this.clock.transactionTimeout - outstanding.elapsed);
    outstanding.timer = this.clock.setTimeout(() => {
      outstanding.elapsed += wait;
      if (outstanding.elapsed >= this.clock.transactionTimeout) {
        this.stop();
        outstanding.handlers.overdue();
        return;
      }
      outstanding.interval *= 2;
      outstanding.resend();
      this.#arm(outstanding);
    }, wait);
  }
}
