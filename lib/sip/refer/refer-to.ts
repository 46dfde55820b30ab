import { parseNameAddress } from '../message/header-values';
import { formatSipUri, parseSipUri } from '../message/uri';
import type { ExtraHeaders } from '../types';
import { formatReplaces, type Replaces } from './replaces';

/** Target of a REFER, from Refer-To. */
export interface ReferTarget {
  /** Without the header part. */
  uri: string;
  /** Fields that the new INVITE carries: Replaces, and extension fields of the peer. */
  headers: ExtraHeaders;
}

/** Fields that a peer may put into our INVITE: everything else would let it speak in our name. */
const ALLOWED_FIELD = /^(?:Replaces|Subject|X-[\w-]+)$/i;
const MAX_FIELDS = 10;

/**
 * Reads the value of Refer-To (RFC 3515, 2.1). A URI without angle brackets is taken whole, with its parameters
 * and headers, because phones write it so. Undefined when it is no URI that can be called, or asks for another
 * method than INVITE.
 */
export function parseReferTo(value: string): ReferTarget | undefined {
  const text = uriOf(value);
  const uri = text === undefined ? undefined : parseSipUri(text);
  if (!uri || !/^(?:sips?|tel)$/i.test(uri.scheme)) return undefined;
  const method = /;method=([^;]*)/i.exec(uri.parameters)?.[1];
  if (method !== undefined && method.toUpperCase() !== 'INVITE') return undefined;
  const parameters = uri.parameters.replace(/;method=[^;]*/i, '');
  const bare = { ...uri, parameters, headers: '' };
  return {
    uri: uri.host === '' ? (text ?? '') : formatSipUri(bare),
    headers: readHeaders(uri.headers),
  };
}

/** Whether a value of Refer-To is a URI at all, of whatever scheme. */
export function isReferTo(value: string): boolean {
  const text = uriOf(value);
  return text !== undefined && parseSipUri(text) !== undefined;
}

function uriOf(value: string): string | undefined {
  return value.includes('<') ? parseNameAddress(value)?.uri : value.trim();
}

/** The value of Refer-To; a dialog to be replaced goes into the URI's header part, escaped (RFC 3891, 4). */
export function formatReferTo(uri: string, replaces?: Replaces): string {
  if (!replaces) return `<${uri}>`;
  const joint = uri.includes('?') ? '&' : '?';
  return `<${uri}${joint}Replaces=${encodeURIComponent(formatReplaces(replaces))}>`;
}

function readHeaders(text: string): ExtraHeaders {
  const headers: ExtraHeaders = {};
  for (const field of text.replace(/^\?/, '').split('&').slice(0, MAX_FIELDS)) {
    const equals = field.indexOf('=');
    const name = equals < 0 ? field : field.slice(0, equals);
    if (ALLOWED_FIELD.test(name)) headers[name] = unescape(field.slice(equals + 1));
  }
  return headers;
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
