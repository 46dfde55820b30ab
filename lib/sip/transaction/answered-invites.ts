import { detached } from '../../common';
import type { SipResponse } from '../message/sip-message';
import type { WrittenRequest } from '../message/written-message';
import { ExpiringMap } from './expiring-map';
import type { SipClock } from './timer-settings';

/** Further forks of one INVITE whose answers are acknowledged and ended; those of still more are ignored. */
const MAX_FORKS = 63;

/** Rest of an INVITE of ours after the ACK to its 2xx. */
interface AnsweredInvite {
  /** To tag of the 2xx that is acknowledged. */
  readonly toTag: string;
  readonly ack: WrittenRequest;
  /** ACKs to further forks by their To tags; nearly always none. */
  others: readonly (readonly [toTag: string, ack: WrittenRequest])[] | undefined;
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
    const invite: AnsweredInvite = { toTag: detached(toTag), ack: lasting(ack), others: undefined, endFork };
    this.#invites.set(key, invite, this.clock.transactionTimeout);
  }

  /** Takes a response. False when it belongs to no answered INVITE. */
  receive(key: string, response: SipResponse): boolean {
    const invite = this.#invites.get(key);
    // A peer of RFC 2543 may leave the tag out.
    const { status, toTag = '' } = response;
    if (!invite) return false;
    if (status < 200 || status > 299) return true;
    const others = invite.others ?? [];
    const ack = toTag === invite.toTag ? invite.ack : others.find(([tag]) => tag === toTag)?.[1];
    if (ack) this.send(ack);
    else if (others.length < MAX_FORKS) {
      invite.others = [...others, [detached(toTag), lasting(invite.endFork(response))]];
    }
    return true;
  }

  reset(): void {
    this.#invites.clear();
  }
}

/** The same ACK, without a hold on the message that its URIs were cut out of. */
function lasting(ack: WrittenRequest): WrittenRequest {
  const { uri, route } = ack;
  return { ...ack, uri: detached(uri), route: route === undefined ? undefined : detached(route) };
}
