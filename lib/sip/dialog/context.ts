import type { TurnoverMap } from '../../common';
import type { ClientCredentials } from '../auth';
import type { ResponseOptions } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import type { SessionPolicy } from '../session-timer';
import type { LatePracks } from '../transaction/late-pracks';
import type { SipClock } from '../transaction/timer-settings';
import type { UserAgent } from '../transaction/user-agent';
import type { LocalIdentity } from '../transport/identity';
import type { Peer } from '../transport/transport';
import type { Trust } from '../trust';
import type { Dialog } from './dialog';

/** Endpoint of calls and dialogs: the parts of it that they use. */
export interface SipContext {
  readonly clock: SipClock;
  readonly agent: UserAgent;
  readonly identity: LocalIdentity;
  /** Dialogs that may still receive requests, by the id that the core gives them. */
  readonly dialogs: TurnoverMap<string, Dialog>;
  /** For challenges to our requests; shared, so that nonce counts never repeat. */
  readonly credentials: ClientCredentials | undefined;
  /** Hosts that may get those credentials, and peers that may make us call. */
  readonly trust: Trust;
  /** Time that a request waits for any answer before it goes to the next destination, if there is one; 0: timers B and F. */
  readonly failOverMs: number;
  /** Our policy for session timers (RFC 4028). */
  readonly sessionPolicy: SessionPolicy;
  /** PRACKs that cross the end of their early dialog. */
  readonly latePracks: LatePracks;
  /** Route set for requests outside of dialogs, as the registrar gave it (RFC 3608). */
  serviceRoute(): string[];
  /** Answers a request without a transaction. */
  answer(request: SipRequest, source: Peer, response: ResponseOptions): void;
}
