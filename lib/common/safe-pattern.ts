import { createContext, Script } from 'node:vm';
import { SipflowError } from './errors';

/** A user's regular expression that can be run on text from the network. */
export interface SafePattern {
  /**
   * Whether the text matches; false as well when finding out takes longer than 100 ms, three times, and for a text of
   * more than `longest` characters, 256 when absent.
   */
  matches(text: string, longest?: number): boolean;
}

const MAX_SOURCE = 500;
const MAX_TEXT = 256;
const LIMIT_MS = 100;
/**
 * The limit is wall-clock time: on a machine that stalls for a moment an innocent run passes it too, but not thrice.
 */
const ATTEMPTS = 3;
/** Texts on which expressions with nested repetition show their exponential cost. */
const PROBES = [...'0123456789*#+ABCDa', '12', '0a'].map((unit) => `${unit.repeat(32)}!`);

/** Compiled expressions by flags and source: probing costs milliseconds, and flows use the same few again and again. */
const cache = new Map<string, SafePattern>();
const MAX_CACHED = 100;

const sandbox = createContext({ pattern: /x/, text: '' });
const script = new Script('pattern.test(text)');

/**
 * Compiles a user's regular expression. Expressions can take exponential time, and the caller who dials
 * chooses the text, so each run has a time limit (V8 can only be interrupted in a context of its own) and
 * those that are hopeless are refused here. A run costs about 0.1 ms.
 *
 * @param flags any of `i m s u`.
 * @param field the name of the field, for the error.
 * @throws SipflowError BAD_CONFIG for a broken or a runaway expression.
 */
export function compileSafePattern(source: string, flags: string, field: string): SafePattern {
  if (source.length > MAX_SOURCE) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The regular expression in "${field}" has more than ${MAX_SOURCE} characters. Use a shorter one.`,
    );
  }
  if (!/^[imsu]*$/.test(flags)) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The regular expression in "${field}" has the flags "${flags.slice(0, 20)}"; only i, m, s and u make sense here.`,
    );
  }
  const key = `${flags}/${source}`;
  const known = cache.get(key);
  if (known) return known;
  const pattern = compile(source, flags, field);
  if (PROBES.some((probe) => run(pattern, probe) === 'too-long')) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The regular expression in "${field}" takes too long on some numbers. Avoid a repetition within a repetition, such as (\\d+)*.`,
    );
  }
  const safe = {
    matches: (text: string, longest = MAX_TEXT) => text.length <= longest && run(pattern, text) === true,
  };
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value ?? '');
  cache.set(key, safe);
  return safe;
}

function compile(source: string, flags: string, field: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SipflowError('BAD_CONFIG', `The regular expression in "${field}" is broken: ${reason}.`, {
      cause,
    });
  }
}

function run(pattern: RegExp, text: string): boolean | 'too-long' {
  sandbox.pattern = pattern;
  sandbox.text = text;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      return script.runInContext(sandbox, { timeout: LIMIT_MS }) === true;
    } catch {
      // It took too long.
    }
  }
  return 'too-long';
}
