import { isDeepStrictEqual } from 'node:util';
import { canonicalCodecName } from '../../audio';
import { compileSafePattern, type SafePattern } from '../../common';
import type { CheckSubject, SubjectType } from './subjects';

/** A way to compare; forms and documents are made from these descriptions. */
export interface CheckOperator {
  readonly name: string;
  /** How many values it needs. */
  readonly values: 0 | 1 | 2;
  /** Types of subjects that it can be used for. */
  readonly types: readonly SubjectType[];
}

const ALL = ['text', 'number', 'flag', 'choice', 'any'] as const;
const NUMBERS = ['number', 'any'] as const;
const TEXTS = ['text', 'choice', 'number', 'any'] as const;

/** All operators, in the order in which forms show them. */
export const CHECK_OPERATORS: readonly CheckOperator[] = [
  { name: 'is', values: 1, types: ALL },
  { name: 'isNot', values: 1, types: ALL },
  { name: 'contains', values: 1, types: TEXTS },
  { name: 'matches', values: 1, types: TEXTS },
  { name: 'lt', values: 1, types: NUMBERS },
  { name: 'lte', values: 1, types: NUMBERS },
  { name: 'gt', values: 1, types: NUMBERS },
  { name: 'gte', values: 1, types: NUMBERS },
  { name: 'between', values: 2, types: NUMBERS },
  { name: 'exists', values: 0, types: ALL },
  { name: 'absent', values: 0, types: ALL },
];

/** Characters of a text that a regular expression sees: the beginning. A run is interrupted after 100 ms. */
const MAX_MATCHED = 16_384;

const BY_NAME = new Map(CHECK_OPERATORS.map((operator) => [operator.name, operator]));

/** The operator of that name; undefined when there is none. */
export function operatorOf(name: string): CheckOperator | undefined {
  return BY_NAME.get(name);
}

/** Whether a value is known: nothing else than `absent` holds for one that is not. */
export function isKnown(value: unknown): boolean {
  return value !== undefined && value !== null && !Number.isNaN(value);
}

/** Whether the operator holds for what was got. A value that is not known fails every operator but `absent`. */
export function holds(operator: string, subject: CheckSubject, got: unknown, wanted: unknown): boolean {
  if (!isKnown(got)) return operator === 'absent';
  switch (operator) {
    case 'exists':
      return true;
    case 'is':
      return isSame(subject, got, wanted);
    case 'isNot':
      return !isSame(subject, got, wanted);
    case 'contains':
      return contains(subject, got, wanted);
    case 'matches':
      return patternOf(wanted).matches(textOf(got).slice(0, MAX_MATCHED), MAX_MATCHED);
    case 'lt':
      return numberOf(got) < numberOf(wanted);
    case 'lte':
      return numberOf(got) <= numberOf(wanted);
    case 'gt':
      return numberOf(got) > numberOf(wanted);
    case 'gte':
      return numberOf(got) >= numberOf(wanted);
    case 'between': {
      const [least, most] = rangeOf(wanted);
      return numberOf(got) >= least && numberOf(got) <= most;
    }
    default:
      return false;
  }
}

/**
 * The value of `matches` as a pattern that cannot run away.
 *
 * @param value text, or a RegExp whose flags are kept
 * @throws SipflowError BAD_CONFIG for one that is broken, too long or takes exponential time
 */
export function patternOf(value: unknown): SafePattern {
  return value instanceof RegExp
    ? compileSafePattern(value.source, value.flags.replace(/[gydv]/g, ''), 'value')
    : compileSafePattern(textOf(value), 'm', 'value');
}

/** Both ends of the value of `between`, as a list, as JSON or as two numbers with a comma; NaN for anything else. */
export function rangeOf(value: unknown): [least: number, most: number] {
  const ends = Array.isArray(value)
    ? value
    : textOf(value)
        .replace(/^\s*\[|\]\s*$/g, '')
        .split(',');
  return ends.length === 2 ? [numberOf(ends[0]), numberOf(ends[1])] : [NaN, NaN];
}

/** A number, or the one that a text stands for; NaN for anything else, which no comparison holds for. */
export function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
}

function isSame({ name, type }: CheckSubject, got: unknown, wanted: unknown): boolean {
  if (name === 'methods') return isSequence(textOf(got), textOf(wanted));
  if (name === 'codec') return codecOf(got) === codecOf(wanted);
  if (type === 'choice') return textOf(got).toLowerCase() === textOf(wanted).trim().toLowerCase();
  if (typeof got === 'number') return got === numberOf(wanted);
  if (typeof got === 'boolean') return String(got) === textOf(wanted).trim().toLowerCase();
  if (typeof got === 'string') return got === textOf(wanted);
  return isDeepStrictEqual(got, wanted);
}

function contains({ name }: CheckSubject, got: unknown, wanted: unknown): boolean {
  if (name === 'methods') return isSequence(textOf(got), textOf(wanted));
  if (Array.isArray(got)) return got.some((each) => isDeepStrictEqual(each, wanted));
  return textOf(got).includes(textOf(wanted));
}

/** Whether the wanted words are among the others, in that order; others may lie between. */
function isSequence(got: string, wanted: string): boolean {
  const words = wanted.trim().toUpperCase().split(/\s+/);
  let next = 0;
  for (const word of got.toUpperCase().split(' ')) {
    if (word === words[next]) next += 1;
  }
  return next >= words.length;
}

function codecOf(value: unknown): string {
  const text = textOf(value).trim();
  return canonicalCodecName(text) ?? text.toUpperCase();
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? '' : jsonOf(value);
    default:
      return '';
  }
}

/** '' for what cannot be written, such as a circle. */
function jsonOf(value: object): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
