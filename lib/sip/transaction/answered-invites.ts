import type { SipResponse } from '../message/sip-message';
import type { WrittenRequest } from '../message/written-message';
import { ExpiringMap } from './expiring-map';
import type { SipClock } from './timer-settings';

/** Forks of one INVITE whose answers are acknowledged and ended; those of further ones are ignored. */
const MAX_ANSWERS = 64;

/** Rest of an INVITE of ours after the ACK to its 2xx. */
interface AnsweredInvite {
  /** ACKs by the To tag of the 2xx that they acknowledge; nearly always one. */
  readonly acks: [toTag: string, ack: WrittenRequest][];
  /** Ends the dialog of a fork that answered too, and returns the ACK that it has sent. */
  readonly endFork: (response: SipResponse) => WrittenRequest;
}

/**
 * INVITEs of ours that were answered and acknowledged. A 2xx may come again, or from another fork, for 64·T1
 * (RFC 6026, timer M); the transaction, the dialog and the call need not be kept for that.
 */
export class AnsweredInvites {
  readonly #invites: ExpiringMap<AnsweredInvite>;

  /** @param send must not throw; an ACK that is lost is asked for again */
  constructor(
    private readonly clock: SipClock,
    private readonly send: (ack: WrittenRequest) => void,
  ) {
    this.#invites = new ExpiringMap(clock);
  }

  get size(): number {
    return this.#invites.size;
  }

  /**
   * Takes over from the transaction.
   *
   * @param key of the INVITE's client transaction
   */
  add(key: string, toTag: string, ack: WrittenRequest, endFork: AnsweredInvite['endFork']): void {
    this.#invites.set(key, { acks: [[toTag, ack]], endFork }, this.clock.transactionTimeout);
  }

  /** Takes a response. False when it belongs to no answered INVITE. */
  receive(key: string, response: SipResponse): boolean {
    const invite = this.#invites.get(key);
    // A peer of RFC 2543 may leave the tag out.
    const { status, toTag = '' } = response;
    if (!invite) return false;
    if (status < 200 || status > 299) return true;
    const known = invite.acks.find(([tag]) => tag === toTag);
    if (known) this.send(known[1]);
    else if (invite.acks.length < MAX_ANSWERS) invite.acks.push([toTag, invite.endFork(response)]);
    return true;
  }

  reset(): void {
    this.#invites.clear();
  }
}
