import { isIP } from 'node:net';
import { uriHost, uriParameter, type SipUri } from '../message/uri';
import type { DialogFlow } from './dialog-flow';
import { nextHopUri, peerOfUri } from './route-request';
import type { Router } from './router';
import type { Peer } from './transport';
import { DEFAULT_TRANSPORT, TRANSPORTS } from './kinds';

/** Facts for the choice of a route: open connections, and our own networks. */
export interface DialogRoutesHost {
  /** Whether a message goes there without a new connection. */
  isOpen(peer: Peer): boolean;
  /** Whether an address is on one of our own networks. */
  isNear(address: string): boolean;
}

/** Time-out of a connection to the URI of a peer, while its flow is at hand. */
const IMPATIENT_MS = 1_500;

/** The two ways that a request within a dialog can take; the second one is for when the first one fails. */
export interface DialogRoute {
  /** Whether the first way is the URI, and the second one the flow. */
  readonly byUri: boolean;
  /** Throws or rejects with BAD_TARGET or DNS when there is no such way. */
  first(): Peer | Promise<Peer>;
  /** Like `first`. */
  second(): Peer | Promise<Peer>;
}

/**
 * Finds the way of requests within a dialog. RFC 3261, 12.2.1.1 sends them to the first Route or the remote target.
 * Those often name an address behind a NAT, another transport, or a port that takes no connections, while the way that
 * the peer's own messages took is open (RFC 5923, 5; RFC 5626, 5.3; RFC 7118, 5).
 */
export class DialogRoutes {
  constructor(
    private readonly router: Router,
    private readonly host: DialogRoutesHost,
  ) {}

  /** @param route value of the first Route, when there is one */
  find(route: string | undefined, remoteTarget: string, flow: DialogFlow): DialogRoute {
    const byUri = !this.#prefersFlow(route, remoteTarget, flow);
    return new FoundRoute(this, route, remoteTarget, flow, byUri);
  }

  /**
   * The way by the URI.
   *
   * @param besides whether the flow is at hand when the URI takes no connection
   * @throws SipflowError BAD_TARGET
   */
  byUri(route: string | undefined, remoteTarget: string, besides: boolean): Peer | Promise<Peer> {
    const hop = nextHopUri(route, remoteTarget);
    const peer = this.router.known(hop) ?? this.router.resolve(hop);
    if (!besides) return peer;
    return peer instanceof Promise ? peer.then((found) => this.#impatient(found)) : this.#impatient(peer);
  }

  #impatient(peer: Peer): Peer {
    return this.host.isOpen(peer) ? peer : { ...peer, patienceMs: IMPATIENT_MS };
  }

  /** Next hop of a request now; undefined when that takes a look-up, or there is no way. */
  known(route: string | undefined, remoteTarget: string, flow: DialogFlow): Peer | undefined {
    if (this.#prefersFlow(route, remoteTarget, flow)) return flow.peer;
    const hop = hopOf(route, remoteTarget);
    return hop && this.router.known(hop);
  }

  /**
   * Everywhere that a request may go, by the name of the host where it takes a look-up; nowhere when there is no way.
   * What goes over the flow first goes to the URI only when the flow has ended meanwhile.
   */
  places(route: string | undefined, remoteTarget: string, flow: DialogFlow | undefined): Peer[] {
    if (flow && this.#prefersFlow(route, remoteTarget, flow)) return [flow.peer];
    const hop = hopOf(route, remoteTarget);
    if (!hop) return [];
    const place = this.router.placeOf(hop);
    return flow ? [place, flow.peer] : [place];
  }

  /**
   * Whether the flow comes first: always for a WebSocket; otherwise when the URI is behind a NAT, or when it is that of
   * the very peer that holds a connection with us.
   */
  #prefersFlow(route: string | undefined, remoteTarget: string, flow: DialogFlow): boolean {
    const { peer } = flow;
    if (!flow.renewable && !this.host.isOpen(peer)) return false;
    if (flow.uriFailed || TRANSPORTS[peer.transport].flowOnly) return true;
    if (this.router.proxied) return false;
    const hop = hopOf(route, remoteTarget);
    if (!hop || /\.invalid$/i.test(hop.host)) return true;
    return this.#leadsNowhere(hop, flow);
  }

  #leadsNowhere(hop: SipUri, flow: DialogFlow): boolean {
    const { peer } = flow;
    const named = peerOfUri(hop, this.router.transport);
    if (isIP(named.address) === 0) return false;
    if (named.address !== peer.address) {
      return flow.hides(named.address, () => this.host.isNear(named.address));
    }
    if (named.transport !== peer.transport) return overTcpOf(flow, hop);
    if (named.port === peer.port) return false;
    // A certificate names no address, so that a second connection would fail (RFC 5922, 4).
    return TRANSPORTS[peer.transport].secure ? isIP(uriHost(hop)) !== 0 : flow.isOwnerOf(hop);
  }
}

/** The ways of one request. */
class FoundRoute implements DialogRoute {
  constructor(
    private readonly routes: DialogRoutes,
    private readonly route: string | undefined,
    private readonly remoteTarget: string,
    private readonly flow: DialogFlow,
    readonly byUri: boolean,
  ) {}

  first(): Peer | Promise<Peer> {
    return this.byUri ? this.routes.byUri(this.route, this.remoteTarget, true) : this.flow.peer;
  }

  second(): Peer | Promise<Peer> {
    return this.byUri ? this.flow.peer : this.routes.byUri(this.route, this.remoteTarget, false);
  }
}

/**
 * Whether a URI that says no transport is that of a peer with a TCP connection to a UDP phone: a UDP port of that
 * number need not exist (RFC 5923, 5).
 */
function overTcpOf(flow: DialogFlow, hop: SipUri): boolean {
  const { transport, port } = flow.peer;
  if (transport !== TRANSPORTS[DEFAULT_TRANSPORT].beside || uriParameter(hop, 'transport') !== undefined)
    return false;
  return hop.port === port || flow.isOwnerOf(hop);
}

/** The URI that a request is sent to; undefined for one that we cannot send to. */
function hopOf(route: string | undefined, remoteTarget: string): SipUri | undefined {
  try {
    return nextHopUri(route, remoteTarget);
  } catch {
    return undefined;
  }
}
