import { splitList } from '../message/header-values';
import { parseSipUri, uriHost, uriParameter, userOf, type SipUri } from '../message/uri';
import type { Headers } from '../types';
import { DEFAULT_SECURE_TRANSPORT, DEFAULT_TRANSPORT, defaultPort, transportNamed } from '../transport/kinds';

/** Bindings of one answer that are looked at; a user with more devices is a broken registrar. */
const MAX_CONTACTS = 64;

interface Binding {
  uri: SipUri;
  expires: number | undefined;
}

/**
 * The seconds that a registrar's 2xx grants to our contact (RFC 3261, 10.2.4 and 10.3). Our binding may be
 * one of several, and registrars write it back with other parameters, another host (that of our NAT) or
 * not at all: it is found by address first, then by user alone.
 *
 * @param contactUri as it was sent, without angle brackets
 * @param asked used when the answer says nothing
 */
export function grantedExpires(headers: Headers, contactUri: string, asked: number): number {
  const bindings = (headers['Contact'] ?? []).flatMap(splitList).slice(0, MAX_CONTACTS).flatMap(readBinding);
  const fallback = readSeconds(headers['Expires']?.[0]) ?? asked;
  const ours = findOurs(bindings, parseSipUri(contactUri));
  return ours?.expires ?? fallback;
}

function findOurs(bindings: Binding[], ours: SipUri | undefined): Binding | undefined {
  if (!ours || bindings.length === 0) return undefined;
  const exact = bindings.find(({ uri }) => sameUser(uri, ours) && sameAddress(uri, ours));
  if (exact) return exact;
  const sameUsers = bindings.filter(({ uri }) => sameUser(uri, ours));
  if (sameUsers.length === 1) return sameUsers[0];
  return bindings.length === 1 ? bindings[0] : undefined;
}

/** The parts of RFC 3261, 19.1.4 that tell two devices apart. */
function sameAddress(one: SipUri, other: SipUri): boolean {
  return (
    uriHost(one).toLowerCase() === uriHost(other).toLowerCase() &&
    portOf(one) === portOf(other) &&
    transportOf(one) === transportOf(other)
  );
}

function sameUser(one: SipUri, other: SipUri): boolean {
  return userOf(one) === userOf(other);
}

function portOf(uri: SipUri): number {
  const named = transportNamed(transportOf(uri)) ?? DEFAULT_TRANSPORT;
  return uri.port ?? defaultPort(uri.scheme.toLowerCase() === 'sips' ? DEFAULT_SECURE_TRANSPORT : named);
}

function transportOf(uri: SipUri): string {
  return uriParameter(uri, 'transport')?.toLowerCase() ?? DEFAULT_TRANSPORT;
}

function readBinding(value: string): Binding[] {
  const open = value.indexOf('<');
  const close = value.indexOf('>', open);
  const isShort = open < 0 || close < 0;
  const uri = parseSipUri((isShort ? value.split(';', 1)[0] : value.slice(open + 1, close)).trim());
  if (!uri) return [];
  const parameters = isShort ? value : value.slice(close);
  return [{ uri, expires: readSeconds(/;\s*expires\s*=\s*"?\s*(\d+)/i.exec(parameters)?.[1]) }];
}

/** Delta-seconds up to 2^32 − 1 (RFC 3261, 20.19); undefined for anything else. */
export function readSeconds(text: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,10})\s*(?:[;(].*)?$/.exec(text ?? '')?.[1];
  const seconds = Number(digits);
  return digits !== undefined && seconds < 2 ** 32 ? seconds : undefined;
}
