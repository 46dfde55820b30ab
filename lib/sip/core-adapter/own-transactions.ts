import type { WrittenMessage } from '../message/written-message';
import { AnsweredInvites } from '../transaction/answered-invites';
import { ClientRequests } from '../transaction/client-requests';
import { ExpiringMap } from '../transaction/expiring-map';
import { ServerRequests } from '../transaction/server-requests';
import type { SipClock } from '../transaction/timer-settings';
import type { Sent } from '../transport/transport';
import type { CoreAgentHost } from './core-user-agent';
import type { OutgoingRequest } from './outgoing-request';

/**
 * The transactions that are ours: everything but INVITE, and what is left of INVITEs that were answered and
 * acknowledged. The core keeps an INVITE only until then, because what it holds of one is twenty times as large.
 */
export class OwnTransactions {
  readonly requests: ClientRequests<OutgoingRequest>;
  readonly answered: AnsweredInvites;
  readonly servers: ServerRequests;
  /** INVITEs of the peer whose copies are absorbed (RFC 6026, timer L), with what is told when that ends. */
  readonly #absorbed: ExpiringMap<() => void>;

  /** @param send hands a request to the network; `sent` is never called before it has returned */
  constructor(
    private readonly clock: SipClock,
    reliable: boolean,
    { identity, transmit, giveUp }: Pick<CoreAgentHost, 'identity' | 'transmit' | 'giveUp'>,
    send: (request: OutgoingRequest, sent: Sent) => void,
  ) {
    const repeat = (message: WrittenMessage): void => {
      transmit(message, undefined, ignoreLoss);
    };
    this.requests = new ClientRequests(clock, identity.protocol, send, giveUp);
    this.answered = new AnsweredInvites(clock, repeat);
    this.servers = new ServerRequests(
      clock,
      reliable,
      (request, source) => identity.contactFor(request, source),
      repeat,
    );
    this.#absorbed = new ExpiringMap(clock, (terminated) => terminated());
  }

  /** Client and server transactions that stand. */
  get counts(): { clients: number; servers: number } {
    return {
      clients: this.requests.size + this.answered.size,
      servers: this.servers.size + this.#absorbed.size,
    };
  }

  /** Takes over from the server transaction of an INVITE after the ACK to its 2xx. */
  absorbInvite(key: string, terminated: () => void): void {
    this.#absorbed.set(key, terminated, this.clock.transactionTimeout);
  }

  /** Whether that is the key of such an INVITE. */
  absorbsInvite(key: string): boolean {
    return this.#absorbed.get(key) !== undefined;
  }

  reset(): void {
    this.requests.reset();
    this.answered.reset();
    this.servers.reset();
    this.#absorbed.clear();
  }
}

/** A lost message needs no care: the peer sends again what it answers. */
function ignoreLoss(): void {}
