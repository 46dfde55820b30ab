import { compileSafePattern, SipflowError } from '../../common';
import { numberOf } from '../target/target';

/** A `match` field, ready for use. Smaller ranks win; among prefixes the longest. */
export interface CompiledMatch {
  readonly rank: 'exact' | 'prefix' | 'regex' | 'any';
  /** How much of the number it fixes, in characters; only prefixes differ. */
  readonly length: number;
  matches(number: string): boolean;
}

const RANKS: readonly CompiledMatch['rank'][] = ['exact', 'prefix', 'regex', 'any'];

/**
 * Reads a `match` field: blank (or a lone `*`) = any number, `12*` = numbers that begin so, `/…/` = a regular
 * expression found anywhere in the number unless it has anchors (flags `i m s u` may follow), everything else = exactly
 * that number. A number that itself ends with `*` needs the regular expression.
 *
 * @throws SipflowError BAD_CONFIG for a broken or runaway expression, or for a URI instead of a number.
 */
export function compileMatch(text: string): CompiledMatch {
  const match = text.trim().normalize('NFC');
  if (match === '' || match === '*') return { rank: 'any', length: 0, matches: () => true };
  if (match.startsWith('/')) return compileRegex(match);
  if (/[@\s]|^sips?:|^tel:/i.test(match)) {
    throw new SipflowError(
      'BAD_CONFIG',
      `"${match.slice(0, 60)}" in "match" is no number: write the called number alone, a prefix such as 12*, a regular expression such as /^1[23]/, or leave it blank for any.`,
    );
  }
  if (match.endsWith('*')) {
    const prefix = match.slice(0, -1);
    return { rank: 'prefix', length: prefix.length, matches: (number) => number.startsWith(prefix) };
  }
  return { rank: 'exact', length: match.length, matches: (number) => number === match };
}

/**
 * The one handler that gets a call: exact match, then the longest prefix, then a regular expression, then any; among
 * equals the first in the list.
 *
 * @param calledUser user part of the Request-URI, as it came: escapes are decoded, parameters left out.
 */
export function chooseHandler<T extends { readonly match: CompiledMatch }>(
  handlers: readonly T[],
  calledUser: string,
): T | undefined {
  const number = numberOf(calledUser);
  const ranked = handlers.map((handler) => ({ handler, rank: RANKS.indexOf(handler.match.rank) }));
  ranked.sort((a, b) => a.rank - b.rank || b.handler.match.length - a.handler.match.length);
  return ranked.find(({ handler }) => handler.match.matches(number))?.handler;
}

function compileRegex(match: string): CompiledMatch {
  const end = match.lastIndexOf('/');
  if (end === 0) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The regular expression "${match.slice(0, 60)}" in "match" needs a slash at its end too, for example /^1[23]/.`,
    );
  }
  const pattern = compileSafePattern(match.slice(1, end), match.slice(end + 1), 'match');
  return { rank: 'regex', length: 0, matches: (number) => pattern.matches(number) };
}
