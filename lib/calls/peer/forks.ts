import type { Negotiation } from './negotiation';

/**
 * Negotiations with the forks of one INVITE. Each early dialog is an offer/answer exchange of its own
 * (RFC 3261, 13.2.2.4; RFC 3264): its SDP, and its offers by UPDATE, hold for that fork alone. All use the same ports,
 * so before the answer the audio goes to the fork that has sent SDP last; the one that answers gets it back.
 */
export class Forks {
  /** Mostly one: a map would weigh more than all else of it. */
  #found: readonly { tag: string; negotiation: Negotiation }[] = [];

  /** @param offered the negotiation that made our offer, or that waits for theirs */
  constructor(private offered: Negotiation) {}

  /** The negotiation with the fork of that To tag; empty for one without. The SIP endpoint limits their number. */
  of(tag = ''): Negotiation {
    const known = this.#found.find((fork) => fork.tag === tag);
    if (known) return known.negotiation;
    const negotiation = this.offered.fork();
    this.#found = [...this.#found, { tag, negotiation }];
    return negotiation;
  }

  /** The fork of that negotiation has answered: the negotiations of the others are dropped. */
  settle(negotiation: Negotiation): void {
    this.offered = negotiation;
    this.#found = [];
  }
}
