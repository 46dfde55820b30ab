import type { AuthKind, Permission } from '../auth';
import { parseSipUri } from '../message/uri';
import type { DialogFlow } from '../transport/dialog-flow';
import type { DialogRoutes } from '../transport/dialog-routes';
import { peerOfUri } from '../transport/route-request';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import { KnownHost } from './known-host';
import type { OwnServers } from './own-servers';

export interface TrustOptions {
  readonly servers: OwnServers;
  readonly router: Router;
  readonly routes: DialogRoutes;
  /** Whether callers have to prove who they are before anything else. */
  readonly callersProve: boolean;
  /** Another phone of this process, by where it is. */
  isFriend(peer: Peer): boolean;
}

/** Route of a dialog's requests. */
export interface DialogHop {
  readonly firstRoute: string | undefined;
  readonly remoteTarget: string;
  /** Flow that the messages of the dialog come over; undefined when that is not known. */
  readonly flow: DialogFlow | undefined;
}

/** Origin of a dialog, as far as credentials go: the host that a flow dialled, none, or the other side. */
export type DialogOrigin = { readonly dialled: KnownHost | undefined } | 'peer';

/**
 * Whom a phone trusts: with its credentials, and with calls that it makes for others. There is no other place that
 * decides about it.
 *
 * Credentials go to the phone's own servers only (`OwnServers`); a phone that has none set gives them to the host that
 * a flow has dialled. So a stranger gets none by a challenge in a call of his, nor by a Contact, a redirection or a
 * REFER that leads to him. RFC 3261, 22.2 and 26.2.3, leaves that choice to the user agent; a digest in the wrong
 * hands lets a password be guessed offline.
 */
export class Trust {
  constructor(private readonly options: TrustOptions) {}

  /** Looks up the names of the own servers, so that they are known for the next call. */
  prepare(): void {
    void this.options.servers.refresh();
  }

  /** The host that a URI leads to, which a flow has dialled. */
  dialled(uri: string): KnownHost | undefined {
    const { router } = this.options;
    const parsed = parseSipUri(uri);
    return parsed && new KnownHost(parsed, router.transport);
  }

  /** Whether requests for that URI go to an own server. */
  isOwn(uri: string): boolean {
    const parsed = parseSipUri(uri);
    return parsed !== undefined && this.#isOurs(this.options.router.placeOf(parsed));
  }

  /**
   * Whether who sent a request is known: an own server, a simulated phone of this process, or a caller who had to prove
   * that he knows the password.
   *
   * @param source of the request
   * @param challenged whether it had to pass our challenge, if there is one
   */
  vouchesFor(source: Peer, challenged: boolean): boolean {
    return (challenged && this.options.callersProve) || this.#isOurs(source);
  }

  /** Whether a request may carry credentials there. */
  mayGo(place: Peer, dialled: KnownHost | undefined): boolean {
    return this.#isOurs(place) || (this.options.servers.none && dialled?.includes(place) === true);
  }

  /**
   * Whether the requests within a dialog may carry credentials: every way that they may take must lead to where they
   * may.
   */
  within(hop: DialogHop, origin: DialogOrigin): Permission {
    const dialled = origin === 'peer' ? undefined : origin.dialled;
    return (kind) => {
      const places = this.options.routes.places(hop.firstRoute, hop.remoteTarget, hop.flow);
      if (places.length === 0 || !places.every((place) => this.mayGo(place, dialled))) return false;
      return origin !== 'peer' || kind === 'proxy' || this.#endsWithUs(hop);
    };
  }

  /** Whether the far end is ours too: a 401 comes from there (RFC 3261, 22.2), and it may be any host. */
  #endsWithUs({ remoteTarget }: DialogHop): boolean {
    const { router } = this.options;
    const uri = parseSipUri(remoteTarget);
    return uri !== undefined && this.#isOurs(router.flows.find(uri) ?? peerOfUri(uri, router.transport));
  }

  #isOurs(place: Peer): boolean {
    return this.options.servers.includes(place) || this.options.isFriend(place);
  }
}

/** Requests to the registrar itself. */
export const ALWAYS: Permission = (_kind: AuthKind) => true;
