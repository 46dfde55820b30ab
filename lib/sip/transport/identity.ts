import { ALLOW, SUPPORTED } from '../message/capabilities';
import { extraHeaderFields, hasField, type HeaderField } from '../message/extra-headers';
import { quote } from '../message/header-values';
import { writeFields } from '../message/serialise';
import type { SipRequest } from '../message/sip-message';
import { escapeUser, hostOf, identityUri } from '../message/uri';
import type { EndpointOptions, TransportName } from '../types';
import type { LocalAddresses } from './local-addresses';
import { parseRegistrar } from './route-request';
import type { Peer } from './transport';
import { TRANSPORTS } from './kinds';

/** Addresses of ours that are kept ready; a machine has a few, a NAT gives one after the other. */
const MAX_APPEARANCES = 64;

/** Methods whose usual fields are kept ready; there are a dozen. */
const MAX_USUAL = 32;

/** Requests that tell the peer where to reach us (RFC 3261, 20.10; RFC 3311, 5.1; RFC 3515, 2.4.1). */
const WITH_CONTACT = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY', 'REGISTER', 'OPTIONS']);

/** Caller in From. */
export interface From {
  readonly uri: string;
  /** Escaped for a quoted string; empty when there is none. */
  readonly displayName: string;
  /** Whether nothing that goes to the peer may name the caller. */
  readonly withheld: boolean;
}

/** Our addresses as one peer sees them. */
export interface Appearance {
  /** Our address, without brackets; for SDP too. */
  readonly host: string;
  /** sent-by of Via. */
  readonly sentBy: string;
  /** The URI in Contact. */
  readonly contactUri: string;
  /** Value of Contact. */
  readonly contact: string;
  /** The same with `sips:`, for requests that must be secure on every hop (RFC 3261, 8.1.1.8). */
  readonly secureContact: string;
}

/** Identity of an endpoint in the messages that it writes: From, Via, Contact. */
export class LocalIdentity {
  /** Our URI, for From. */
  readonly uri: string;
  /** Display name of From, escaped for a quoted string; empty when there is none. */
  readonly displayName: string;
  /** Transport in Via. */
  readonly protocol: string;
  readonly #server: string;
  readonly #responseFields: readonly HeaderField[];
  /** By method: what `requestFields` gave last for a request without fields of the flow. */
  readonly #usualFields = new Map<string, { readonly contact: string; readonly text: string }>();
  readonly #user: string;
  readonly #parameters: string;
  /** Header fields of every message, from the settings. */
  readonly #always: readonly HeaderField[];
  /** Appearance toward all peers, while nothing is known that depends on the peer. */
  #constant: Appearance | undefined;
  readonly #appearances = new Map<string, Appearance>();
  #public: { address: string; port: number; seenBy: string | undefined } | undefined;

  /**
   * @param bound where the endpoint listens
   * @param addresses used when that is every address of the machine, and once a public address is known
   * @throws SipflowError BAD_CONFIG for headers that cannot be added
   */
  constructor(
    private readonly options: EndpointOptions,
    private readonly bound: { address: string; port: number },
    private readonly addresses: LocalAddresses,
  ) {
    this.#user = options.user === '' ? '' : `${escapeUser(options.user)}@`;
    this.#parameters = transportParameter(options.transport);
    const fixed = options.advertisedAddress ?? (isWildcard(bound.address) ? undefined : bound.address);
    if (fixed) this.#constant = this.#appearance(fixed, bound.port);
    const registrar = options.registrar ? parseRegistrar(options.registrar).host : undefined;
    const host = options.domain || registrar || hostOf(this.toward(undefined).host);
    this.uri = identityUri(`sip:${this.#user}${host}`);
    this.displayName = options.displayName ? quote(options.displayName).slice(1, -1) : '';
    this.protocol = options.transport.toUpperCase();
    this.#server = quote(options.userAgent).slice(1, -1);
    this.#always = extraHeaderFields(options.headers);
    const server: HeaderField[] = hasField(this.#always, 'Server') ? [] : [['Server', this.#server]];
    this.#responseFields = [...server, ...this.#always];
  }

  /** Whether we appear differently to different peers, so that it is worth finding out where a request goes. */
  get varies(): boolean {
    return this.#constant === undefined;
  }

  /**
   * How we appear to a peer.
   *
   * @param peer its IP address; a name or undefined stands for a peer outside our networks
   */
  toward(peer: string | undefined): Appearance {
    if (this.#constant) return this.#constant;
    const known = this.#public;
    if (known && (peer === known.seenBy || !this.addresses.isNear(peer))) {
      return this.#appearance(known.address, known.port);
    }
    return this.#appearance(this.ownAddress(peer), this.bound.port);
  }

  /** The address of this machine that leads to a peer, whatever is seen of it there. */
  ownAddress(peer: string | undefined): string {
    const { address } = this.bound;
    return isWildcard(address) ? this.addresses.toward(peer) : address;
  }

  /**
   * Whether a NAT may lie between us and a peer, so that it sees our sockets under other addresses than ours. Under an
   * advertised address we take care of that ourselves.
   *
   * @param peer as for `toward`
   */
  outside(peer: string | undefined): boolean {
    if (this.options.advertisedAddress) return false;
    return (peer !== undefined && peer === this.#public?.seenBy) || !this.addresses.isNear(peer);
  }

  /** Contact of the response to a request; `sips:` when the request asks for a secure way. */
  contactFor(request: SipRequest, source: Peer): string {
    const self = this.toward(source.address);
    // Who called by TCP may take nothing else.
    const beside = this.options.listenTcp && source.transport === TRANSPORTS[this.options.transport].beside;
    if (beside) return `<${self.contactUri}${transportParameter(source.transport)}>`;
    return /^sips:/i.test(request.uri) ? self.secureContact : self.contact;
  }

  /**
   * Our public address, as reported from outside. An advertised address comes before it.
   *
   * @param seenBy address of the reporter; every peer outside our own networks sees us alike
   * @returns whether that is news
   */
  learn(address: string, port: number, seenBy: string | undefined): boolean {
    if (this.options.advertisedAddress) return false;
    const now = this.toward(seenBy);
    if (now.host === address && now.sentBy === `${hostOf(address)}:${port}`) return false;
    this.#constant = undefined;
    this.#public = { address, port, seenBy };
    return true;
  }

  /**
   * The fields that a request of that method has besides those of its transaction, as they are written: ours, but
   * for those that the flow sets itself, and then the flow's.
   *
   * @param contact value of Contact
   */
  requestFields(method: string, extra: readonly HeaderField[], contact: string): string {
    if (extra.length > 0) {
      return writeFields(this.#ownFields(method, contact, extra)) + writeFields(extra);
    }
    const usual = this.#usualFields.get(method);
    if (usual?.contact === contact) return usual.text;
    const text = writeFields(this.#ownFields(method, contact, []));
    if (this.#usualFields.size >= MAX_USUAL) this.#usualFields.clear();
    this.#usualFields.set(method, { contact, text });
    return text;
  }

  #ownFields(method: string, contact: string, extra: readonly HeaderField[]): HeaderField[] {
    const fields: HeaderField[] = [];
    if (WITH_CONTACT.has(method)) fields.push(['Contact', contact]);
    if (method === 'INVITE' || method === 'UPDATE' || method === 'OPTIONS') {
      fields.push(['Allow', ALLOW]);
      fields.push(['Supported', SUPPORTED]);
    }
    if (method !== 'ACK') fields.push(['User-Agent', this.#server]);
    const always = this.#always;
    const own = fields.filter(
      ([name]) => name === 'Supported' || !(hasField(extra, name) || hasField(always, name)),
    );
    return always.length === 0 ? own : [...own, ...missing(always, extra)];
  }

  /** Fields of every response, except those that the flow sets itself. */
  responseFields(extra: readonly HeaderField[]): readonly HeaderField[] {
    return extra.length === 0 ? this.#responseFields : missing(this.#responseFields, extra);
  }

  #appearance(host: string, port: number): Appearance {
    const sentBy = `${hostOf(host)}:${port}`;
    const known = this.#appearances.get(sentBy);
    if (known) return known;
    const contactUri = `sip:${this.#user}${sentBy}${this.#parameters}`;
    const appearance: Appearance = {
      host,
      sentBy,
      contactUri,
      contact: `<${contactUri}>`,
      secureContact: `<sips:${contactUri.slice('sip:'.length).replace(/;transport=tls$/, '')}>`,
    };
    if (this.#appearances.size >= MAX_APPEARANCES) this.#appearances.clear();
    this.#appearances.set(sentBy, appearance);
    return appearance;
  }
}

/** A URI has one name for WebSockets with and without TLS (RFC 7118, 5.2). */
function transportParameter(transport: TransportName): string {
  const { uriName } = TRANSPORTS[transport];
  return uriName === undefined ? '' : `;transport=${uriName}`;
}

/** Fields whose names are not among the others. */
function missing(fields: readonly HeaderField[], others: readonly HeaderField[]): HeaderField[] {
  return fields.filter(([name]) => !hasField(others, name));
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
