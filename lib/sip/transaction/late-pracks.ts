import type { SipRequest } from '../message/sip-message';
import { ExpiringMap } from './expiring-map';
import type { SipClock } from './timer-settings';

/** More than this are not remembered: their PRACKs get 481. */
const MAX_REMEMBERED = 1024;

/**
 * PRACKs that may still come for INVITEs whose early dialog has ended. A UAS that sends its final response before a
 * reliable provisional response is acknowledged must be prepared for the PRACK to it (RFC 3262, 3), and after a
 * refusal, a CANCEL or an early BYE no dialog is left to take it.
 */
export class LatePracks {
  /** RAck that is still due, by dialog. */
  readonly #due: ExpiringMap<string>;

  constructor(private readonly clock: SipClock) {
    this.#due = new ExpiringMap(clock);
  }

  get size(): number {
    return this.#due.size;
  }

  /**
   * Expects a PRACK for 64·T1.
   *
   * @param dialogId Call-ID, local tag and remote tag in one string
   * @param rack the value of RAck that it will have
   */
  expect(dialogId: string, rack: string): void {
    if (this.#due.size < MAX_REMEMBERED) this.#due.set(dialogId, rack, this.clock.transactionTimeout);
  }

  /** Whether a request is such a PRACK, or a copy of it, and so is answered 200. */
  includes(request: SipRequest): boolean {
    if (request.method !== 'PRACK' || this.#due.size === 0) return false;
    const due = this.#due.get(`${request.callId}${request.toTag ?? ''}${request.fromTag ?? ''}`);
    return due !== undefined && sameRack(request.headers.first('RAck'), due);
  }

  reset(): void {
    this.#due.clear();
  }
}

/** Whether a received RAck (RFC 3262, 7.2) names the response that `due` names. */
export function sameRack(received: string | undefined, due: string): boolean {
  const parts = /^(\d{1,10})\s+(\d{1,10})\s+INVITE$/.exec(received?.trim() ?? '');
  return parts !== null && `${Number(parts[1])} ${Number(parts[2])} INVITE` === due;
}
