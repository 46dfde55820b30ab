import { SipflowError } from '../../common';

/** Keys of a telephone; the place of a key is its bit in a mask. */
export const KEYS = '0123456789*#ABCD';

/** Part of an expression of keys. */
export type PatternNode =
  | { kind: 'keys'; mask: number }
  | { kind: 'all'; parts: readonly PatternNode[] }
  | { kind: 'any'; options: readonly PatternNode[] }
  | { kind: 'repeat'; of: PatternNode; min: number; max: number };

const MAX_SOURCE = 200;
const MAX_REPEAT = 64;
const MAX_DEPTH = 20;
const ANY_KEY = (1 << KEYS.length) - 1;
const DIGITS = (1 << 10) - 1;

/**
 * Reads keys (`12`, `*9`), or an expression of keys between slashes or without: `\d`, `.`, `[1-4]`, `[^0]`, groups, `|`,
 * `?`, `*`, `+`, `{2,4}`. `\*` is the star key.
 *
 * @throws SipflowError BAD_CONFIG that names what cannot be read
 */
export function parsePattern(source: string): PatternNode {
  const text = source.trim();
  if (text === '')
    throw new SipflowError('BAD_CONFIG', 'A choice needs its keys, such as 1, or a pattern such as [1-4].');
  if (text.length > MAX_SOURCE) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The choice ${quoted(text)} has more than ${MAX_SOURCE} characters.`,
    );
  }
  if (/^[0-9*#A-D]+$/i.test(text)) {
    return {
      kind: 'all',
      parts: [...text.toUpperCase()].map((key) => ({ kind: 'keys', mask: maskOf(key) })),
    };
  }
  const expression = /^\/(.*)\/$/s.exec(text)?.[1] ?? text;
  return new Parser(expression.replace(/^\^/, '').replace(/(?<!\\)\$$/, ''), text).parse();
}

/** A pattern for a sentence. */
export function quoted(source: string): string {
  return `"${source.length > 60 ? `${source.slice(0, 60)}…` : source}"`;
}

/** Bit of a key; 0 for what is none. */
function maskOf(key: string): number {
  const place = KEYS.indexOf(key.toUpperCase());
  return place < 0 || key === '' ? 0 : 1 << place;
}

class Parser {
  #at = 0;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly source: string,
  ) {}

  parse(): PatternNode {
    const node = this.#options();
    if (this.#at < this.text.length) throw this.#wrong(`an unexpected ${quoted(this.#peek)}`);
    return node;
  }

  get #peek(): string {
    return this.text[this.#at] ?? '';
  }

  #take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #options(): PatternNode {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return options.length === 1 && options[0] ? options[0] : { kind: 'any', options };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#peek !== '' && this.#peek !== '|' && this.#peek !== ')')
      parts.push(this.#repeated(this.#one()));
    return { kind: 'all', parts };
  }

  #repeated(of: PatternNode): PatternNode {
    if (this.#take('?')) return { kind: 'repeat', of, min: 0, max: 1 };
    if (this.#take('*')) return { kind: 'repeat', of, min: 0, max: Infinity };
    if (this.#take('+')) return { kind: 'repeat', of, min: 1, max: Infinity };
    const [whole, least = '', comma, most = ''] =
      /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(this.text.slice(this.#at)) ?? [];
    if (whole === undefined) return of;
    this.#at += whole.length;
    const min = Number(least);
    const max = comma === '' ? min : most === '' ? Infinity : Number(most);
    if (min > max || min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) {
      throw this.#wrong(`the repetition ${whole}; it goes up to ${MAX_REPEAT}`);
    }
    return { kind: 'repeat', of, min, max };
  }

  #one(): PatternNode {
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return { kind: 'keys', mask: this.#class() };
    if (this.#take('.')) return { kind: 'keys', mask: ANY_KEY };
    return { kind: 'keys', mask: this.#key() };
  }

  #group(): PatternNode {
    this.#take('?:');
    if (++this.#depth > MAX_DEPTH) throw this.#wrong(`more than ${MAX_DEPTH} groups within each other`);
    const node = this.#options();
    if (!this.#take(')')) throw this.#wrong('a "(" without its ")"');
    this.#depth--;
    return node;
  }

  /** One key, written as it is or behind a backslash, or `\d`. */
  #key(): number {
    const escaped = this.#take('\\');
    const character = this.#peek;
    this.#at++;
    if (escaped && character === 'd') return DIGITS;
    const mask = maskOf(character);
    if (mask === 0 || (!escaped && character === '*'))
      throw this.#wrong(`an unexpected ${quoted(character)}`);
    return mask;
  }

  #class(): number {
    const negated = this.#take('^');
    let mask = 0;
    while (!this.#take(']')) {
      if (this.#peek === '') throw this.#wrong('a "[" without its "]"');
      const [range, from = '', to = ''] = /^([0-9A-D])-([0-9A-D])/i.exec(this.text.slice(this.#at)) ?? [];
      if (range === undefined) {
        // Within brackets a star is the key.
        mask |= this.#take('*') ? maskOf('*') : this.#key();
        continue;
      }
      this.#at += range.length;
      const [first, last] = [KEYS.indexOf(from.toUpperCase()), KEYS.indexOf(to.toUpperCase())];
      if (first > last) throw this.#wrong(`the range ${range}, which runs backwards`);
      for (let place = first; place <= last; place++) mask |= 1 << place;
    }
    const keys = negated ? ANY_KEY & ~mask : mask;
    if (keys === 0) throw this.#wrong('brackets in which there is no key');
    return keys;
  }

  #wrong(what: string): SipflowError {
    const sentence = `The choice ${quoted(this.source)} has ${what}. It may be keys (0-9 * # A-D), or an expression of keys such as [1-4], \\d{4} or 0|9\\d+.`;
    return new SipflowError('BAD_CONFIG', sentence);
  }
}
