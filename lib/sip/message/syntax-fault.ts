import { decimal } from '../../common';
import type { HeaderFields } from './header-fields';
import { hasEmptyItem, parseNameAddress, splitList } from './header-values';
import { isSipScheme, parseSipUri } from './uri';

/**
 * Requests whose Contact says where the peer is to be reached (RFC 3261, 8.1.1.8, 10.2 and 12.2.1.1; RFC 3311, 5.1).
 */
const MEANS_CONTACT = new Set(['INVITE', 'UPDATE', 'REFER', 'SUBSCRIBE', 'NOTIFY', 'REGISTER']);
/** Contacts that are checked: more than any honest message has. */
const MAX_CONTACTS = 20;

/**
 * Syntax fault of a request whose essential fields can be read: a Request-URI that is none, empty items or
 * parameters in Via and Contact, a Contact that is no URI. The phrase for a 400; undefined when all is well.
 */
export function syntaxFault(method: string, uri: string, headers: HeaderFields): string | undefined {
  if (/^sips?:/i.test(uri) && !parseSipUri(uri)) return 'Malformed Request-URI';
  if (hasEmptyItem(headers.first('Via') ?? '')) return 'Malformed Via';
  if (!MEANS_CONTACT.has(method) || !headers.has('Contact')) return undefined;
  const contacts = headers.all('Contact');
  if (contacts.some(hasEmptyItem)) return 'Malformed Contact';
  return contacts.flatMap(splitList).slice(0, MAX_CONTACTS).every(isContact)
    ? undefined
    : 'Malformed Contact';
}

/** Whether a dialog can be opened with the sender of these fields: Contact has a URI for it (RFC 3261, 12.1.1). */
export function hasUsableContact(headers: HeaderFields): boolean {
  const contact = splitList(headers.first('Contact') ?? '')[0];
  const uri = contact === undefined ? undefined : parseSipUri(parseNameAddress(contact)?.uri ?? '');
  // Any other scheme is for the proxies on the route to resolve.
  return uri !== undefined && (isSipScheme(uri.scheme) || headers.has('Record-Route'));
}

/**
 * Whether a header section without its empty line lacks nothing else: its last line is whole, and no body follows.
 * A last line without its end is whole only when it says so itself.
 */
export function endsWithField(text: string, headers: HeaderFields): boolean {
  const length = headers.first('Content-Length');
  if (length !== undefined && decimal(length, 9) !== 0) return false;
  return text.endsWith('\n') || /\n(?:content-length|l)[ \t]*:[ \t]*0+[ \t]*\r?$/i.test(text.slice(-64));
}

function isContact(value: string): boolean {
  if (value === '*') return true;
  // Without brackets, what follows a question mark could be the URI's or the field's (RFC 3261, 20).
  if (!value.includes('<') && value.includes('?')) return false;
  const uri = parseNameAddress(value)?.uri;
  return uri !== undefined && parseSipUri(uri) !== undefined;
}
