import { type ErrorCode, SipflowError } from './errors';

/**
 * Says what a value must be, as the end of a sentence ("text"), when it is something else; undefined when it is right.
 */
export type Rule = (value: unknown) => string | undefined;

/** A rule for every option, so that a new one cannot be forgotten. */
export type Rules<Options> = { readonly [K in keyof Required<Options>]: Rule };

/** Object that `assertOptions` checks: its name in sentences, its required options, its error codes. */
export interface Checked {
  /** Owner of the options, as in "must be … in NAME": `dial`, `the settings of a phone`. */
  name: string;
  /** Options that must be there. */
  required?: readonly string[];
  /** Codes of options whose faults are not BAD_CONFIG. */
  codes?: Readonly<Record<string, ErrorCode>>;
}

/**
 * Checks what a program has passed, which JavaScript does not; unknown options are left alone.
 *
 * @throws SipflowError whose `field` is the option; BAD_CONFIG unless `codes` says another
 */
export function assertOptions(
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
  checked: Checked,
): void {
  const { name, required = [], codes = {} } = checked;
  if (!isObject(options)) {
    throw new SipflowError('BAD_CONFIG', `${upper(name)} must be an object, not ${described(options)}.`, {
      field: 'options',
    });
  }
  // A list of the table for each call would cost more than the rules.
  for (const field in rules) {
    const value = options[field];
    if (value === undefined && !required.includes(field)) continue;
    const wanted = rules[field](value);
    if (wanted === undefined) continue;
    // Of an object with a wrong member the sentence names that.
    const instead = isObject(value) && wanted.startsWith('an object') ? '' : `, not ${described(value)}`;
    const sentence = `"${field}" must be ${wanted} in ${name}${instead}.`;
    throw new SipflowError(codes[field] ?? 'BAD_CONFIG', sentence, { field });
  }
}

export const text: Rule = (value) => (typeof value === 'string' ? undefined : 'text');

export const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

export const callback: Rule = (value) => (typeof value === 'function' ? undefined : 'a function');

export const anObject: Rule = (value) => (isObject(value) ? undefined : 'an object');

/** A finite number. */
export function number(min = -Infinity, max = Infinity): Rule {
  return (value) =>
    typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
      ? undefined
      : `a number${range(min, max)}`;
}

export function whole(min: number, max: number): Rule {
  return (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? undefined
      : `a whole number${range(min, max)}`;
}

export function oneOf(names: readonly string[]): Rule {
  return (value) => (names.some((name) => name === value) ? undefined : names.join(', '));
}

/** A list in which every item follows the rule. */
export function listOf(rule: Rule): Rule {
  return (value) => {
    const wanted = Array.isArray(value) ? value.map(rule).find((each) => each !== undefined) : 'list';
    return wanted === undefined ? undefined : `a list, of which each is ${rule(undefined) ?? 'anything'}`;
  };
}

/** Header fields: one text or a list of texts each. */
export const headerFields: Rule = (value) =>
  isObject(value) &&
  Object.values(value).every((each) => [each].flat().every((one) => typeof one === 'string'))
    ? undefined
    : 'an object of header names and texts, such as { "X-Ticket": "4711" }';

/** An object whose members follow rules of their own, where they are there. */
export function shape(rules: Readonly<Record<string, Rule>>): Rule {
  return (value) => {
    if (!isObject(value)) return 'an object';
    for (const [member, rule] of Object.entries(rules)) {
      const given = value[member];
      const wanted = given === undefined ? undefined : rule(given);
      if (wanted !== undefined)
        return `an object in which "${member}" is ${wanted} instead of ${described(given)}`;
    }
    return undefined;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function range(min: number, max: number): string {
  if (min === -Infinity && max === Infinity) return '';
  if (max === Infinity) return ` of at least ${min}`;
  return ` from ${min} to ${max}`;
}

/** A value as a sentence may show it. */
function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${value.slice(0, 40)}"`;
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

function upper(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
