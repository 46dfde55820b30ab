import { detached } from '../../common';

/**
 * A URI in parts that keep the escapes they came with, so that `formatSipUri(parseSipUri(text))` is `text`.
 * Only `scheme` is interpreted; `tel:` and unknown schemes have no host.
 */
export interface SipUri {
  /** As written: `sip`, `sips`, `tel`, … */
  scheme: string;
  /** User part without password; for `tel:` the number. Escapes kept. */
  user?: string;
  password?: string;
  /** As written; IPv6 with brackets. Empty for `tel:`. */
  host: string;
  port?: number;
  /** `;transport=udp;lr`, with the leading semicolon; empty when there are none. */
  parameters: string;
  /** `?subject=x`, with the question mark; empty when there are none. */
  headers: string;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const HOST_PORT = /^(\[[\w:.%-]+\]|[^\s:;?@<>[\]"]+)(?::(\d{1,5}))?((?:;[^?]*)?)(\?.*)?$/i;

/** Cache of parsed URIs: those of one call are read at five places, and peers call again. */
const MAX_KNOWN = 256;
/** Longer ones are read each time, so that strangers cannot fill the memory with them. */
const MAX_KNOWN_LENGTH = 200;
const known = new Map<string, Readonly<SipUri> | undefined>();

/**
 * Takes a URI apart. Tolerant of what real peers send: `#` or `;phone-context` in the user part, hosts that
 * start with a digit or contain `_`, any scheme. Undefined when there is no scheme, no host, or white space.
 */
export function parseSipUri(text: string): Readonly<SipUri> | undefined {
  if (text.length > MAX_KNOWN_LENGTH) return readSipUri(text);
  const before = known.get(text);
  if (before || known.has(text)) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const own = detached(text);
  const uri = readSipUri(own);
  known.set(own, uri);
  return uri;
}

function readSipUri(text: string): SipUri | undefined {
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined || /[\s<>"]/.test(text)) return undefined;
  const rest = text.slice(scheme.length + 1);
  if (!/^sips?$/i.test(scheme)) {
    const semicolon = rest.indexOf(';');
    const user = semicolon < 0 ? rest : rest.slice(0, semicolon);
    if (user === '') return undefined;
    return { scheme, user, host: '', parameters: semicolon < 0 ? '' : rest.slice(semicolon), headers: '' };
  }
  const at = rest.lastIndexOf('@');
  const match = HOST_PORT.exec(rest.slice(at + 1));
  if (!match) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && port > 65_535) return undefined;
  const uri: SipUri = { scheme, host: match[1], port, parameters: match[3], headers: match[4] ?? '' };
  if (at >= 0) {
    const userInfo = rest.slice(0, at);
    const colon = userInfo.indexOf(':');
    uri.user = colon < 0 ? userInfo : userInfo.slice(0, colon);
    if (colon >= 0) uri.password = userInfo.slice(colon + 1);
  }
  return uri;
}

/** Puts a URI together; the exact inverse of `parseSipUri`. */
export function formatSipUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.host === '') return `${text}${uri.user ?? ''}${uri.parameters}`;
  if (uri.user !== undefined) {
    text += uri.password === undefined ? `${uri.user}@` : `${uri.user}:${uri.password}@`;
  }
  text += uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  return text + uri.parameters + uri.headers;
}

/** Parameters that route a request; they are no part of an identity. */
const WAY = /;(?:transport|maddr|ttl|method|lr)(?:=[^;]*)?(?=;|$)/gi;

/**
 * A URI as From and To may have it (RFC 3261, 19.1.1, table 1): without port, headers, and the parameters that say
 * where to send. What is no SIP URI passes unchanged.
 */
export function identityUri(text: string): string {
  const uri = parseSipUri(text);
  if (!uri || !isSipScheme(uri.scheme)) return text;
  const { port, headers, parameters } = uri;
  if (port === undefined && headers === '' && parameters === '') return text;
  return formatSipUri({ ...uri, port: undefined, headers: '', parameters: parameters.replace(WAY, '') });
}

/** Whether `lib/sip` can send to that scheme. */
export function isSipScheme(scheme: string): boolean {
  return /^sips?$/i.test(scheme);
}

/** The host as sockets want it: without the brackets of IPv6. */
export function uriHost(uri: SipUri): string {
  return uri.host.startsWith('[') ? uri.host.slice(1, -1) : uri.host;
}

/** Value of a URI parameter, lower-case name; null for a flag, undefined when absent. */
export function uriParameter(uri: SipUri, name: string): string | null | undefined {
  const { parameters } = uri;
  for (let start = 1; start <= parameters.length;) {
    const semicolon = parameters.indexOf(';', start);
    const end = semicolon < 0 ? parameters.length : semicolon;
    const equals = parameters.indexOf('=', start);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    if (nameEnd - start === name.length && parameters.slice(start, nameEnd).toLowerCase() === name) {
      return nameEnd === end ? null : parameters.slice(nameEnd + 1, end);
    }
    start = end + 1;
  }
  return undefined;
}

/**
 * The number or name that a URI addresses: its user part with escapes resolved and without `;`-parameters
 * such as `;phone-context`. Empty when there is no user part.
 */
export function userOf(uri: SipUri): string {
  const whole = uri.user ?? '';
  const end = whole.indexOf(';');
  const user = end < 0 ? whole : whole.slice(0, end);
  try {
    return user.includes('%') ? decodeURIComponent(user) : user;
  } catch {
    return user;
  }
}

/** `userOf` of a Request-URI: the number that was called. Empty for what is no URI. */
export function calledUserOf(requestUri: string): string {
  const uri = parseSipUri(requestUri);
  return uri ? userOf(uri) : '';
}

/** Escapes what a user part may not contain (RFC 3261, 25.1); existing escapes stay. */
export function escapeUser(user: string): string {
  return user.replace(/%(?![0-9a-f]{2})|[^a-z0-9\-_.!~*'()&=+$,;?/%]/giu, (character) =>
    encodeURIComponent(character),
  );
}

/** Address as a host in a URI or a Via: IPv6 in brackets. */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
