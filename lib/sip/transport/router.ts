import { isIP, isIPv6 } from 'node:net';
import { SipflowError } from '../../common';
import {
  targetOfUri,
  type AddressFamily,
  type Destination,
  type FailOver,
  type LocateAbilities,
  type Locator,
} from '../locate';
import { parseSipUri, uriHost, type SipUri } from '../message/uri';
import type { TransportName } from '../types';
import { Flows } from './flows';
import { parseOutboundProxy, peerOfUri } from './route-request';
import type { Peer } from './transport';
import { TRANSPORTS } from './kinds';

export interface RouterOptions {
  transport: TransportName;
  /** Its family is the only one that our sockets can send to. */
  bindAddress: string;
  outboundProxy?: string;
}

/** Finds the next hop of a request: at once for numeric addresses, by DNS (RFC 3263) for names. */
export class Router {
  readonly #proxy: SipUri | undefined;
  readonly #transports: TransportName[];
  readonly #family: AddressFamily;
  /** Peers that can be reached over their own connection only. */
  readonly flows = new Flows();
  /** Told where DNS has found the host that a URI names. */
  onFound: ((hop: SipUri, places: readonly Destination[]) => void) | undefined;

  /** @throws SipflowError BAD_CONFIG for an outbound proxy that is none */
  constructor(
    private readonly options: RouterOptions,
    private readonly locator: Locator,
  ) {
    this.#proxy = options.outboundProxy ? parseOutboundProxy(options.outboundProxy) : undefined;
    const { beside } = TRANSPORTS[options.transport];
    this.#transports = beside === undefined ? [options.transport] : [options.transport, beside];
    this.#family = isIPv6(options.bindAddress) ? 6 : 4;
  }

  /** Transport of everything whose URI names no other. */
  get transport(): TransportName {
    return this.options.transport;
  }

  /** Whether every request goes to the same proxy. */
  get proxied(): boolean {
    return this.#proxy !== undefined;
  }

  get #abilities(): LocateAbilities {
    return { transports: this.#transports, families: [this.#family] };
  }

  /** The URI that decides where a request goes: the outbound proxy's before any other. */
  hop(uri: SipUri): SipUri {
    return this.#proxy ?? uri;
  }

  /** The next hop, when no name has to be looked up; undefined for names, and for what `find` will refuse. */
  now(uri: SipUri): Peer | undefined {
    const hop = this.hop(uri);
    const peer = peerOfUri(hop, this.options.transport);
    const secure = hop.scheme.toLowerCase() === 'sips';
    if (secure || isIP(peer.address) !== this.#family || !this.#transports.includes(peer.transport))
      return undefined;
    peer.serverName = uriHost(hop);
    return peer;
  }

  /**
   * The next hops by DNS, best first.
   *
   * @throws SipflowError (as a rejection) DNS or BAD_TARGET
   */
  async find(uri: SipUri): Promise<FailOver> {
    const hop = this.hop(uri);
    const found = await this.locator.failOver(targetOfUri(hop), this.#abilities);
    this.onFound?.(hop, found.destinations);
    return found;
  }

  /**
   * Where DNS finds the host that a URI names, whatever the outbound proxy.
   *
   * @throws SipflowError (as a rejection) DNS or BAD_TARGET
   */
  places(uri: SipUri): Promise<Destination[]> {
    return this.locator.locate(targetOfUri(uri), this.#abilities);
  }

  /**
   * Where requests for that URI go, by the name of the host when it takes a look-up. It may be a place that cannot be
   * reached.
   */
  placeOf(uri: SipUri): Peer {
    return this.flows.find(uri) ?? peerOfUri(this.hop(uri), this.options.transport);
  }

  /** One next hop, when no name has to be looked up. */
  known(uri: SipUri): Peer | undefined {
    return this.flows.find(uri) ?? this.now(uri);
  }

  /** One next hop, by whatever it takes. Rejects with DNS or BAD_TARGET. */
  async resolve(uri: SipUri): Promise<Peer> {
    const found = this.known(uri) ?? (await this.find(uri)).current;
    if (!found) throw new SipflowError('DNS', `Nothing that "${uriHost(uri)}" names can be reached.`);
    return found;
  }
}

/**
 * A URI that a flow gave as target.
 *
 * @throws SipflowError BAD_TARGET when it is none
 */
export function targetUri(text: string): SipUri {
  const uri = parseSipUri(text);
  if (uri && /^sips?$/i.test(uri.scheme)) return uri;
  throw new SipflowError('BAD_TARGET', `"${text}" is not a SIP URI: use sip:user@host.`);
}
