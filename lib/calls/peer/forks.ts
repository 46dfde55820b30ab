import type { Negotiation } from './negotiation';

/**
 * What the forks of one INVITE have agreed on with us. Each early dialog is an offer/answer exchange of its own
 * (RFC 3261, 13.2.2.4; RFC 3264): its SDP, and its offers by UPDATE, hold for that fork alone. All use the same ports, so
 * before the answer the audio goes to the fork that has sent SDP last; the one that answers gets it back.
 */
export class Forks {
  readonly #negotiations = new Map<string, Negotiation>();

  /** @param offered the negotiation that made our offer, or that waits for theirs */
  constructor(private readonly offered: Negotiation) {}

  /** The negotiation with the fork of that To tag; empty for one without. The SIP endpoint limits their number. */
  of(tag = ''): Negotiation {
    let negotiation = this.#negotiations.get(tag);
    if (!negotiation) this.#negotiations.set(tag, (negotiation = this.offered.fork()));
    return negotiation;
  }
}
