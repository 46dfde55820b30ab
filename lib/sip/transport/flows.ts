import { parseNameAddress, splitList } from '../message/header-values';
import type { SipRequest } from '../message/sip-message';
import { parseSipUri, type SipUri } from '../message/uri';
import { keyOf } from './stream-transport';
import type { Peer } from './transport';
import { TRANSPORTS } from './kinds';

/** Contacts that are remembered at the same time. */
const MAX_FLOWS = 5000;

/**
 * Connections by the Contact that their owners have named. A WebSocket client cannot be connected to, and its Contact
 * may be a name that does not exist (RFC 7118, 5): requests for it go over the connection that it has opened.
 */
export class Flows {
  readonly #byContact = new Map<string, Peer>();

  /** Notes over which connection the sender of a request can be reached, as long as no other has that Contact. */
  learn(request: SipRequest, source: Peer): void {
    if (!TRANSPORTS[source.transport].flowOnly) return;
    const contact = splitList(request.headers.first('Contact') ?? '')[0];
    const uri = contact === undefined ? undefined : parseSipUri(parseNameAddress(contact)?.uri ?? '');
    if (!uri || this.#byContact.size >= MAX_FLOWS) return;
    const key = contactKey(uri);
    if (!this.#byContact.has(key)) this.#byContact.set(key, source);
  }

  /** The connection to the owner of that Contact. */
  find(uri: SipUri): Peer | undefined {
    return this.#byContact.size === 0 ? undefined : this.#byContact.get(contactKey(uri));
  }

  /** A connection is gone. */
  lost(peer: Peer): void {
    for (const [key, known] of this.#byContact) {
      if (known.transport === peer.transport && keyOf(known) === keyOf(peer)) this.#byContact.delete(key);
    }
  }
}

function contactKey({ user = '', host, port }: SipUri): string {
  return `${user}@${host.toLowerCase()}:${port ?? ''}`;
}
