import { SipflowError } from '../../common';
import { CHECK_OPERATORS, operatorOf } from './operators';
import { assertCheck } from './run-checks';
import type { CheckSpec } from './spec';
import { subjectOf } from './subjects';

/** Other spellings of operators. */
const SIGNS: Readonly<Record<string, string>> = {
  '=': 'is',
  '==': 'is',
  '!=': 'isNot',
  '~': 'matches',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
};
const MAX_LENGTH = 4000;

/**
 * Reads a check that was typed: `codec is PCMU`, `lossPercent lt 2`, `header X-Ticket of INVITE contains 47`,
 * `setupMs between 100 and 900`, `digits absent`, `mos gte 4 (warning)`.
 *
 *     check    = subject [ name ] [ "of" message ] operator [ value ] [ "(warning)" ]
 *     operator = one of `CHECK_OPERATORS`, or = != ~ < <= > >=
 *     value    = the rest, quotes around it taken away; for between two numbers, parted by "and", a comma or a blank
 *
 * @throws SipflowError BAD_CONFIG that says what is wrong
 */
export function parseCheck(text: string): CheckSpec {
  if (text.length > MAX_LENGTH) throw fault(text, `it has more than ${MAX_LENGTH} characters`);
  const [, check, warning] = /^(.*?)(\s\(warning\))?$/s.exec(text.trim()) ?? ['', '', undefined];
  const words = [...check.matchAll(/\S+/g)].map(({ 0: word, index }) => ({ word, end: index + word.length }));
  const [first, ...rest] = words;
  if (!first) throw fault(text, 'there is nothing in it');
  const subject = subjectOf(first.word);
  if (!subject) throw fault(text, `there is nothing called "${first.word}" to check`);
  const place = rest.findIndex(({ word }) => operatorNamed(word) !== undefined);
  if (place < 0) {
    throw fault(
      text,
      `it has none of ${CHECK_OPERATORS.map(({ name }) => name).join(', ')} behind ${subject.name}`,
    );
  }
  const operator = operatorNamed(rest[place].word) ?? '';
  const before = rest.slice(0, place).map(({ word }) => word);
  const of = subject.ofMessage ? before.lastIndexOf('of') : -1;
  const name = (of < 0 ? before : before.slice(0, of)).join(' ');
  const message = of < 0 ? '' : before.slice(of + 1).join(' ');
  if (name !== '' && !subject.named) throw fault(text, `"${name}" means nothing behind ${subject.name}`);
  const given = check.slice(rest[place].end).trim();
  const spec: CheckSpec = {
    subject: subject.name,
    ...(name === '' ? {} : { name }),
    ...(message === '' ? {} : { message }),
    operator,
    ...(given === '' ? {} : { value: valueOf(operator, given) }),
    severity: warning === undefined ? 'error' : 'warning',
  };
  if (operatorOf(operator)?.values === 0 && given !== '') throw fault(text, `${operator} has no value`);
  assertCheck(spec);
  return spec;
}

function operatorNamed(word: string): string | undefined {
  return Object.hasOwn(SIGNS, word) ? SIGNS[word] : operatorOf(word)?.name;
}

function valueOf(operator: string, given: string): unknown {
  if (operator === 'between') {
    const ends = given.replace(/^\[|\]$/g, '').split(/\s*,\s*|\s+and\s+|\s+/);
    return ends.map(Number);
  }
  return /^(["'])(.*)\1$/s.exec(given)?.[2] ?? given;
}

function fault(text: string, why: string): SipflowError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new SipflowError('BAD_CONFIG', `"${shown}" is no check: ${why}.`, { field: 'expect' });
}
