import { parseNameAddress, splitList } from './message/header-values';
import { isSipScheme, parseSipUri } from './message/uri';
import type { Headers } from './types';

/** Contacts that one call may be sent to; more would let a peer make us call half the world. */
const MAX_REDIRECTS = 5;

/** Where a call is sent that is redirected (RFC 3261, 8.1.3.4): contacts by `q`, each once. */
export class Redirects {
  readonly #waiting: string[] = [];
  readonly #seen: Set<string>;

  /** @param target where the call was sent first; from `sips:` it never goes to `sip:` */
  constructor(private readonly target: string) {
    this.#seen = new Set([target]);
  }

  /** Takes the contacts of a 3xx, before those that wait already. */
  add(headers: Headers): void {
    const secure = /^sips:/i.test(this.target);
    const fresh = contactsOf(headers).filter((uri) => {
      const parsed = parseSipUri(uri);
      return parsed && isSipScheme(parsed.scheme) && (!secure || /^sips:/i.test(uri)) && !this.#seen.has(uri);
    });
    const added: string[] = [];
    for (const uri of fresh) {
      if (this.#seen.size > MAX_REDIRECTS) break;
      if (this.#seen.has(uri)) continue;
      this.#seen.add(uri);
      added.push(uri);
    }
    this.#waiting.unshift(...added);
  }

  /** The next one to call; undefined when none is left. */
  next(): string | undefined {
    return this.#waiting.shift();
  }
}

/** URIs of the Contact fields, highest `q` first, in the order of the message where it is the same. */
export function contactsOf(headers: Headers): string[] {
  return (headers['Contact'] ?? [])
    .flatMap(splitList)
    .map((value) => ({
      uri: parseNameAddress(value)?.uri,
      q: Number(/;\s*q\s*=\s*([\d.]+)/i.exec(value)?.[1] ?? 1),
    }))
    .filter((each): each is { uri: string; q: number } => each.uri !== undefined && each.uri !== '*')
    .sort((a, b) => b.q - a.q)
    .map(({ uri }) => uri);
}
