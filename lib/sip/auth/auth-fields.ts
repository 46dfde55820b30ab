/** One challenge or one set of credentials: a scheme and its parameters (RFC 7235, 2.1; RFC 3261, 20.44). */
export interface AuthValue {
  /** Lower case: `digest`, `basic`, … */
  scheme: string;
  /**
   * By lower-case name, the first of equal names. A quoted value has lost its quotes but keeps its
   * backslashes: digest hashes and echoes it in exactly that form (RFC 7616, 3.4, `unq`).
   */
  parameters: Map<string, string>;
}

/** Limits against hostile header fields; a real challenge has about eight parameters and 300 characters. */
export const AUTH_LIMITS = { characters: 8_192, values: 16, parameters: 32 } as const;

const WORD = /[^\s,="]+/y;
// Control characters end a quoted string without a match, so that no echo can ever carry one.
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const QUOTED = /"((?:[^"\\\u0000-\u0008\u000a-\u001f\u007f]|\\[^\u0000-\u001f\u007f])*)"/y;
const UNQUOTED = /[^\s,"]*/y;
const BLANK = /[\s,]*/y;
const SPACE = /\s*/y;

/**
 * Reads all values of an authentication header field: several fields, several values joined by commas
 * in one field, parameters that contain commas in quotes, schemes without parameters or with a
 * token68. Tolerates missing commas between parameters and an unquoted `qop=auth,auth-int`. Never
 * throws; what cannot be understood is left out.
 */
export function parseAuthFields(fields: readonly string[]): AuthValue[] {
  const values: AuthValue[] = [];
  for (const field of fields) {
    if (field.length <= AUTH_LIMITS.characters) parseField(field, values);
    if (values.length >= AUTH_LIMITS.values) break;
  }
  return values.slice(0, AUTH_LIMITS.values);
}

function parseField(field: string, values: AuthValue[]): void {
  const scanner = new Scanner(field);
  let current: AuthValue | undefined;
  for (;;) {
    const separator = scanner.take(BLANK);
    const word = scanner.take(WORD);
    if (word === '') {
      // A stray `=` or quote: step over it, so that the scan always ends.
      if (!scanner.skip()) return;
      continue;
    }
    scanner.take(SPACE);
    if (scanner.takeEquals()) {
      const value = scanner.takeQuoted() ?? scanner.take(UNQUOTED);
      addParameter(current, word.toLowerCase(), value);
    } else if (!continuesQop(word, current) && !isToken68(separator, current)) {
      if (values.length >= AUTH_LIMITS.values) return;
      current = { scheme: word.toLowerCase(), parameters: new Map() };
      values.push(current);
    }
  }
}

function addParameter(value: AuthValue | undefined, name: string, text: string): void {
  if (!value || value.parameters.size >= AUTH_LIMITS.parameters || value.parameters.has(name)) return;
  value.parameters.set(name, text);
}

/** Adds a word behind an unquoted `qop=auth,` to it; false when the word is none. */
function continuesQop(word: string, value: AuthValue | undefined): boolean {
  const qop = value?.parameters.get('qop');
  if (qop === undefined || !/^auth(-int)?$/i.test(word)) return false;
  value?.parameters.set('qop', `${qop},${word}`);
  return true;
}

/** A word behind the scheme without a comma between is a token68, of a scheme that is not Digest. */
function isToken68(separator: string, value: AuthValue | undefined): boolean {
  return value?.parameters.size === 0 && !separator.includes(',');
}

/** A position in a text that only moves forward. */
class Scanner {
  #position = 0;

  constructor(private readonly text: string) {}

  take(pattern: RegExp): string {
    return this.#match(pattern)?.[0] ?? '';
  }

  takeEquals(): boolean {
    if (this.text[this.#position] !== '=') return false;
    this.#position++;
    this.take(SPACE);
    return true;
  }

  /** Content of a quoted string, or undefined when none (or an unterminated one) stands here. */
  takeQuoted(): string | undefined {
    return this.#match(QUOTED)?.[1];
  }

  /** Steps over one character; false at the end. */
  skip(): boolean {
    return ++this.#position <= this.text.length;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.text);
    if (match) this.#position = pattern.lastIndex;
    return match;
  }
}
