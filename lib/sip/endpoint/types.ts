import type { MessageRecord } from '../../trace';
import type { Locator } from '../locate';
import type { SipClock } from '../transaction/timer-settings';
import type { Peer } from '../transport/transport';
import type { FinalOptions, SipEndpoint } from '../types';

/** Dependencies of an endpoint, given by its maker. */
export interface EndpointDependencies {
  /**
   * Asked for every INVITE that would be a new call, before anything is kept of it: the answer that refuses it,
   * undefined when `invite` shall tell of it. Absent: every call is told.
   *
   * @param calledUser user part of the Request-URI
   */
  refuseCall?: (calledUser: string) => Pick<FinalOptions, 'status' | 'reason'> | undefined;
  /** Whether requests outside of dialogs are told; absent: as long as `request` has a listener. */
  hearsRequests?: () => boolean;
  /** Time and SIP timers; endpoints that share one share the SIP core too. */
  clock?: SipClock;
  /** Finds hosts by name; one for the whole process shares its cache. */
  locator?: Locator;
  /** Receives every message that is sent or received, as it is on the wire; must not throw. */
  trace?: (record: MessageRecord) => void;
  /** Whether another phone of this process has that address; it is trusted like ourselves. */
  isFriend?: (peer: Pick<Peer, 'address' | 'port' | 'returnPort'>) => boolean;
}

/** State that an endpoint keeps at the moment, in numbers; all zero some time after the last call. */
export interface EndpointCounts {
  /** Client and server transactions of the core. */
  clients: number;
  servers: number;
  /** Early and confirmed dialogs. */
  dialogs: number;
  /** INVITEs of both directions without a final response. */
  invites: number;
  /** Messages that are sent again until they are answered. */
  retransmissions: number;
}

export interface InspectableEndpoint extends SipEndpoint {
  readonly counts: EndpointCounts;
}
