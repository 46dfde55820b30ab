import { isIP } from 'node:net';
import { detached, type SipflowError } from '../../common';
import { hostOf, type SipUri } from '../message/uri';
import type { Via } from '../message/via';
import { realmOf } from './address-realm';
import { defaultPort } from './kinds';
import type { Peer } from './transport';

/**
 * Flow of one dialog (RFC 5626, 3.3): the connection that the peer's messages come over, or the address and port of
 * its datagrams. Requests take it when the URI that the peer has named does not lead to the peer.
 */
export class DialogFlow {
  /** The URI of the peer took nothing, but the flow did: no further request tries that URI. */
  uriFailed = false;
  /** Owner, told of an ACK that could be sent neither to the URI nor over the flow. */
  owner: { ackFailed(fault: SipflowError): void } | undefined;
  #peer: Peer;
  /** sent-by of the latest request from there, `host:port`; empty when only responses came. */
  #sentBy = '';
  #behindNat = false;

  /** @param ours whether a connection to that peer can be made anew, because we made it */
  constructor(
    peer: Peer,
    private ours: boolean,
    via?: Via,
  ) {
    this.#peer = peer;
    if (via) this.#noteSender(via);
  }

  get peer(): Peer {
    return this.#peer;
  }

  /** Whether a connection to that peer can be made anew. */
  get renewable(): boolean {
    return this.ours;
  }

  /**
   * A message of the dialog came from there.
   *
   * @param via top Via, when it is a request
   */
  heard(peer: Peer, via?: Via): void {
    const known = this.#peer;
    const same =
      known.port === peer.port && known.address === peer.address && known.transport === peer.transport;
    if (same && (!via || this.#sentBy !== '')) return;
    this.#peer = peer;
    this.ours &&= same;
    if (via) this.#noteSender(via);
  }

  /** A request of the peer has named another URI. */
  renamed(): void {
    this.uriFailed = false;
  }

  /**
   * Whether a numeric hop of another address than the flow's cannot be meant for us: it is an address of the peer's own
   * network, behind a NAT.
   *
   * @param address of the hop
   * @param near whether it is on one of our own networks
   */
  hides(address: string, near: () => boolean): boolean {
    const realm = realmOf(address);
    if (realm === 'public') return false;
    const seen = realmOf(this.#peer.address);
    if (realm === 'unspecified' || seen === 'public') return true;
    if (realm === 'loopback' || realm === 'link-local') return realm !== seen;
    // Two private networks: that of a NAT inside of ours, or a proxy that stays out of the dialog (RFC 3261, 16.6).
    return this.#behindNat || (realm !== seen && !near());
  }

  /** Whether the sender of the latest request says that it is the owner of that URI. */
  isOwnerOf({ host, port }: SipUri): boolean {
    const { transport } = this.#peer;
    return this.#sentBy === `${host.toLowerCase()}:${port ?? defaultPort(transport)}`;
  }

  #noteSender({ host, port }: Via): void {
    const { address, transport } = this.#peer;
    this.#sentBy = detached(`${hostOf(host).toLowerCase()}:${port ?? defaultPort(transport)}`);
    this.#behindNat = isIP(host) !== 0 && host.toLowerCase() !== address.toLowerCase();
  }
}
