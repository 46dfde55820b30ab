import type { Clock } from '../../common';
import { parseNameAddress } from '../message/header-values';
import { parseSipUri, type SipUri } from '../message/uri';
import { parseServer } from '../transport/route-request';
import type { Router } from '../transport/router';
import type { Peer } from '../transport/transport';
import type { EndpointOptions } from '../types';
import { KnownHost } from './known-host';
import { RefreshedNames } from './refreshed-names';

/** Service routes that are read; a registrar gives one or two. */
const MAX_SERVICE_ROUTES = 16;

export interface OwnServersHost {
  readonly clock: Clock;
  readonly router: Router;
  /** Route set that the registrar gave (RFC 3608), values of Route. */
  serviceRoute(): readonly string[];
}

/**
 * The servers that a phone belongs to: registrar, outbound proxy, domain, and the proxies that the registrar has named
 * as the way to it (Service-Route). They hold the phone's account, so they may ask for its credentials.
 */
export class OwnServers {
  readonly #named: RefreshedNames;
  #routes: { readonly key: string; readonly hosts: readonly KnownHost[] } = { key: '', hosts: [] };

  constructor(
    options: Pick<EndpointOptions, 'registrar' | 'outboundProxy' | 'domain' | 'transport'>,
    private readonly host: OwnServersHost,
  ) {
    const { registrar, outboundProxy, domain, transport } = options;
    const hosts = [registrar, outboundProxy, domain]
      .map((text) => (text ? serverUri(text) : undefined))
      .filter((uri) => uri !== undefined)
      .map((uri) => new KnownHost(uri, transport));
    this.#named = new RefreshedNames(hosts, host.clock, host.router);
    const learn: Router['onFound'] = (uri, places) => {
      for (const each of hosts) if (each.isNamedBy(uri)) each.learn(places);
    };
    host.router.onFound = learn;
  }

  /** Whether none is set. */
  get none(): boolean {
    return this.#named.hosts.length === 0;
  }

  /** Whether a request comes from one of them, or goes there. What DNS has not told yet counts as no. */
  includes(peer: Peer): boolean {
    return this.#named.includes(peer) || this.#serviceRoute.some((each) => each.includes(peer));
  }

  /** Whether an address is that of one of them, whatever the port. */
  includesAddress(address: string): boolean {
    return (
      this.#named.includesAddress(address) || this.#serviceRoute.some((each) => each.includesAddress(address))
    );
  }

  /** Asks DNS for the addresses of the names when those known are old. Never rejects. */
  refresh(): Promise<void> {
    return this.#named.refresh();
  }

  get #serviceRoute(): readonly KnownHost[] {
    const values = this.host.serviceRoute();
    const key = values.join(',');
    if (key !== this.#routes.key) {
      const hosts = values.slice(0, MAX_SERVICE_ROUTES).flatMap((value) => {
        const uri = parseSipUri(parseNameAddress(value)?.uri ?? '');
        return uri ? [new KnownHost(uri, this.host.router.transport)] : [];
      });
      this.#routes = { key, hosts };
    }
    return this.#routes.hosts;
  }
}

/** URI of the server that a setting names; undefined for a domain that is no host. */
function serverUri(text: string): SipUri | undefined {
  try {
    return parseServer(text, 'a server');
  } catch {
    return undefined;
  }
}
