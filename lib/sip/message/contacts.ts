import type { Headers } from '../types';
import { parseNameAddress, parseParameters, splitList } from './header-values';

/** Contacts that are read: more than any honest message has. */
const MAX_CONTACTS = 20;

/** URIs of the Contact fields, by falling `q`, then in order of appearance (RFC 3261, 20.10). */
export function contactsOf(headers: Headers): string[] {
  return (headers['Contact'] ?? [])
    .flatMap(splitList)
    .slice(0, MAX_CONTACTS)
    .map(parseNameAddress)
    .filter((contact) => contact !== undefined && contact.uri !== '*')
    .map((contact) => ({ uri: contact?.uri ?? '', q: qualityOf(contact?.parameters ?? '') }))
    .sort((a, b) => b.q - a.q)
    .map(({ uri }) => uri);
}

function qualityOf(parameters: string): number {
  const q = Number(parseParameters(parameters).get('q') ?? 1);
  return q >= 0 && q <= 1 ? q : 1;
}
