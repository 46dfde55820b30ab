import { networkInterfaces } from 'node:os';
import { ALLOW, SUPPORTED } from './capabilities';
import { hasField, type HeaderField } from './message/extra-headers';
import { quote } from './message/header-values';
import { escapeUser, hostOf } from './message/uri';
import { parseRegistrar } from './transport/route-request';
import type { EndpointOptions } from './types';

/** Requests that tell the peer where to reach us (RFC 3261, 20.10; RFC 3311, 5.1; RFC 3515, 2.4.1). */
const WITH_CONTACT = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY', 'REGISTER', 'OPTIONS']);

/** How an endpoint appears in the messages that it writes. */
export class LocalIdentity {
  /** sent-by of Via. */
  readonly sentBy: string;
  /** Our URI, for From. */
  readonly uri: string;
  /** Value of Contact. */
  readonly contact: string;
  /** The URI in it. */
  readonly contactUri: string;
  /** Display name of From, escaped for a quoted string; empty when there is none. */
  readonly displayName: string;
  /** Transport in Via. */
  readonly protocol: string;
  readonly #server: string;

  /** @param bound where the endpoint listens */
  constructor(options: EndpointOptions, bound: { address: string; port: number }) {
    const host = hostOf(options.advertisedAddress || reachableAddress(bound.address));
    const user = options.user === '' ? '' : `${escapeUser(options.user)}@`;
    const parameters = options.transport === 'udp' ? '' : `;transport=${options.transport}`;
    this.sentBy = `${host}:${bound.port}`;
    const registrar = options.registrar ? parseRegistrar(options.registrar).host : undefined;
    this.uri = `sip:${user}${options.domain || registrar || this.sentBy}`;
    this.contactUri = `sip:${user}${this.sentBy}${parameters}`;
    this.contact = `<${this.contactUri}>`;
    this.displayName = options.displayName ? quote(options.displayName).slice(1, -1) : '';
    this.protocol = options.transport.toUpperCase();
    this.#server = quote(options.userAgent).slice(1, -1);
  }

  /** Fields of every request of that method, except those that the flow sets itself. */
  requestFields(method: string, extra: readonly HeaderField[]): HeaderField[] {
    const fields: HeaderField[] = [];
    if (WITH_CONTACT.has(method)) fields.push(['Contact', this.contact]);
    if (method === 'INVITE' || method === 'UPDATE' || method === 'OPTIONS') {
      fields.push(['Allow', ALLOW]);
      fields.push(['Supported', SUPPORTED]);
    }
    if (method !== 'ACK') fields.push(['User-Agent', this.#server]);
    return fields.filter(([name]) => name === 'Supported' || !hasField(extra, name));
  }

  /** Fields of every response, except those that the flow sets itself. */
  responseFields(extra: readonly HeaderField[]): HeaderField[] {
    return hasField(extra, 'Server') ? [] : [['Server', this.#server]];
  }
}

/**
 * The address that peers can use when we listen on every address: the first one of that family that is not
 * loopback, else loopback.
 */
function reachableAddress(bound: string): string {
  if (bound !== '0.0.0.0' && bound !== '::') return bound;
  const family = bound === '::' ? 'IPv6' : 'IPv4';
  const usable = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((each) => each.family === family && !each.internal && !each.address.startsWith('fe80:'));
  return usable?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1');
}
