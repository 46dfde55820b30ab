import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import type { Headers, MessageBody } from '../types';
import { refusalFor, tryLater, type OpenOffer } from './offer-glare';
import type { DialogServer } from './server';

/** Dialog of the offers: the INVITE that made it, and the requests that are open in it. */
export interface DialogOffersHost {
  /** Whether the INVITE is ours. */
  readonly isCaller: boolean;
  /** Whether the INVITE waits for its final response. */
  early(): boolean;
  /** Whether our 2xx to the INVITE waits for its ACK. */
  unacknowledged(): boolean;
  /** The offer of the INVITE, or the one that answers it, while its answer is due. */
  openOffer(): OpenOffer;
  /** Whether an offer of ours in a later request waits for its answer. */
  readonly offerOut: boolean;
  /** The peer's later requests, if there was one. */
  readonly theirs: Pick<DialogServer, 'updating' | 'openOffer'> | undefined;
}

/** Offers and answers of one dialog (RFC 6337): our last session description, and which offer is still open. */
export class DialogOffers {
  #description: MessageBody | undefined;
  #takesUpdate = false;
  #reofferedEarly = false;

  constructor(private readonly host: DialogOffersHost) {}

  /**
   * Whether an offer of the peer was answered before the 2xx to the INVITE, which then carries no session description.
   */
  get reofferedEarly(): boolean {
    return this.#reofferedEarly;
  }

  /** We have sent this session description. */
  described(body: MessageBody | undefined): void {
    if (body) this.#description = body;
  }

  /** We have answered an offer of the peer in an UPDATE, a PRACK or a re-INVITE. */
  answered(body: MessageBody | undefined): void {
    if (body && this.host.early()) this.#reofferedEarly = true;
    this.described(body);
  }

  /** Notes whether the peer takes UPDATE, from its INVITE or a 2xx. */
  heardOf(headers: Headers): void {
    const allow = headers['Allow'];
    if (allow) this.#takesUpdate = allow.some((value) => /\bUPDATE\b/i.test(value));
  }

  /** The request that refreshes the session and changes nothing (RFC 4028, 7.4): UPDATE, or our last offer again. */
  refresh(): { method: 'UPDATE' | 'INVITE'; body?: MessageBody } {
    return this.#takesUpdate || !this.#description
      ? { method: 'UPDATE' }
      : { method: 'INVITE', body: this.#description };
  }

  /** The refusal of an INVITE or UPDATE of the peer that meets another one, or an offer that is open. */
  collision({ method, body }: SipRequest): ResponseOptions | undefined {
    const { host } = this;
    if (method === 'UPDATE' && host.theirs?.updating) return tryLater();
    // No second INVITE before the first one has its final response (RFC 3261, 14.1 and 14.2).
    if (method === 'INVITE' && host.early()) return refusalFor(host.isCaller ? 'ours' : 'theirs');
    return body && refusalFor(this.#open());
  }

  #open(): OpenOffer {
    const { host } = this;
    if (host.offerOut) return 'ours';
    const invited = host.early() || host.unacknowledged();
    return (invited ? host.openOffer() : undefined) ?? host.theirs?.openOffer;
  }
}
