import { compileSafePattern, DEFAULTS, type SafePattern, SipflowError } from '../../common';
import { eventOfDigit } from '../../dtmf';
import type { DigitEvent, DtmfResult, GatherOptions } from '../types';
import type { KeyChoices } from './menu';

/** A gather's options, checked and complete. */
export interface GatherRules {
  minDigits: number;
  /** Never 0: a gather without a limit of its own has `MAX_GATHERED`. */
  maxDigits: number;
  terminator: string;
  pattern?: SafePattern;
  /** Of a menu, which knows when no further key can follow. */
  choices?: KeyChoices;
  firstDigitMs: number;
  interDigitMs: number;
  /** All methods when absent. */
  methods?: readonly DigitEvent['method'][];
}

/** Digits that one gather holds at most. */
export const MAX_GATHERED = 256;
const MAX_TIMEOUT_SECONDS = 86_400;

/**
 * Checks the options of a gather (pitfall 12: no time-out below the floor).
 *
 * @throws SipflowError BAD_CONFIG naming the field and its range.
 */
export function gatherRules(options: GatherOptions): GatherRules {
  const minDigits = count(options.minDigits ?? 0, 'minDigits');
  const limit = count(options.maxDigits ?? 0, 'maxDigits');
  const maxDigits = limit === 0 ? MAX_GATHERED : limit;
  if (minDigits > maxDigits) {
    throw new SipflowError(
      'BAD_CONFIG',
      `"minDigits" (${minDigits}) is larger than "maxDigits" (${maxDigits}). Make it smaller.`,
    );
  }
  const methods = options.methods ?? [];
  return {
    minDigits,
    maxDigits,
    terminator: terminatorOf(options.terminator ?? ''),
    ...(options.pattern ? { pattern: patternOf(options.pattern) } : {}),
    firstDigitMs: timeout(options.firstDigitTimeout ?? DEFAULTS.firstDigitTimeout, 'firstDigitTimeout'),
    interDigitMs: timeout(options.interDigitTimeout ?? DEFAULTS.interDigitTimeout, 'interDigitTimeout'),
    ...(methods.length > 0 ? { methods } : {}),
  };
}

/**
 * Digits of one gather and the condition that ends it; its timers are elsewhere. It ends with
 * - `terminator`: one of the terminators came;
 * - `pattern`: the whole of the digits matches, and they are enough;
 * - `complete`: `maxDigits` are there, or a choice of a menu is;
 * - `timeout`: no digit in time, or no further one after enough digits;
 * - `invalid`: it would have ended otherwise, but with some digits fewer than `minDigits`, or with digits that
 *   the pattern does not match; at once when no choice of a menu begins so;
 * - `ended`: the call is over; the digits are what came before.
 */
export class Gather {
  readonly #events: DigitEvent[] = [];
  #digits = '';

  constructor(readonly rules: GatherRules) {}

  /** Digits collected so far, without the terminator. */
  get events(): readonly DigitEvent[] {
    return this.#events;
  }

  /** Whether digits that came by this method count. */
  accepts(method: DigitEvent['method']): boolean {
    return this.rules.methods?.includes(method) ?? true;
  }

  /** Takes a digit in; the result when that ends the gather. */
  push(event: DigitEvent): DtmfResult | undefined {
    if (this.rules.terminator.includes(event.digit)) {
      const valid = this.#enough && this.#fits;
      return this.#result(valid ? 'terminator' : 'invalid', event.method);
    }
    this.#events.push(event);
    this.#digits += event.digit;
    if (this.rules.pattern && this.#enough && this.#fits) return this.#result('pattern');
    const judged = this.rules.choices?.judge(this.#digits);
    if (judged && !judged.more) return this.#result(judged.taken ? 'complete' : 'invalid');
    if (this.#digits.length < this.rules.maxDigits) return undefined;
    return this.#result(this.#fits ? 'complete' : 'invalid');
  }

  /** Result when no digit came in time. */
  timedOut(): DtmfResult {
    if (this.#digits === '') return this.#result('timeout');
    return this.#result(this.#enough && this.#fits ? 'timeout' : 'invalid');
  }

  /** The call is over. */
  ended(): DtmfResult {
    return this.#result('ended');
  }

  get #enough(): boolean {
    return this.#digits.length >= this.rules.minDigits;
  }

  get #fits(): boolean {
    const { pattern, choices } = this.rules;
    if (choices) return choices.judge(this.#digits).taken !== undefined;
    return pattern?.matches(this.#digits) ?? true;
  }

  #result(reason: DtmfResult['reason'], method = this.#events.at(-1)?.method): DtmfResult {
    return { digits: this.#digits, method: method ?? null, reason, events: [...this.#events] };
  }
}

function count(value: number, field: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_GATHERED) return value;
  throw new SipflowError(
    'BAD_CONFIG',
    `"${field}" is ${value}; it must be a whole number from 0 to ${MAX_GATHERED}.`,
  );
}

function timeout(seconds: number, field: string): number {
  const floor = DEFAULTS.digitTimeoutFloor;
  if (seconds >= floor && seconds <= MAX_TIMEOUT_SECONDS) return seconds * 1000;
  throw new SipflowError(
    'BAD_CONFIG',
    `"${field}" is ${seconds} seconds; it must be at least ${floor} (a shorter one misses tones) and at most ${MAX_TIMEOUT_SECONDS}.`,
  );
}

function terminatorOf(text: string): string {
  const digits = text.replace(/\s/g, '').toUpperCase();
  const wrong = [...digits].find((digit) => eventOfDigit(digit) === undefined);
  if (wrong === undefined) return digits;
  throw new SipflowError('BAD_CONFIG', `"${wrong}" in "terminator" is no digit; use any of 0-9 * # A-D !.`);
}

/** The expression for the whole of the digits. Slashes around it, as other fields want them, do no harm. */
function patternOf(text: string): SafePattern {
  const source = /^\/(.*)\/$/s.exec(text)?.[1] ?? text;
  // On its own first: "1)|(2" is broken and only looks whole inside the group.
  compileSafePattern(source, '', 'pattern');
  return compileSafePattern(`^(?:${source})$`, '', 'pattern');
}
