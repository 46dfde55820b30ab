import { SipflowError } from '../../common';

/** A rule for one value: returns what it should be when it is something else. */
type Expected = (value: unknown, path: string) => void;

/** What is wrong with a report; the message names the file and the place. */
export function badReport(name: string, fault: string): SipflowError {
  return new SipflowError('BAD_REPORT', `"${name}" is no report that can be read: ${fault}.`);
}

class Misfit extends Error {}

function expected(path: string, what: string, value: unknown): Misfit {
  const shown = JSON.stringify(value) ?? 'absent';
  const short = shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
  return new Misfit(`${path} has to be ${what}, not ${short}`);
}

/** Checks a value, and says as BAD_REPORT which of its members is wrong. */
export function assertShape(name: string, value: unknown, rule: Expected): void {
  try {
    rule(value, '');
  } catch (error) {
    if (error instanceof Misfit) throw badReport(name, error.message);
    throw error;
  }
}

export const aText: Expected = (value, path) => {
  if (typeof value !== 'string') throw expected(path, 'a text', value);
};

export const aNumber: Expected = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw expected(path, 'a number', value);
};

export const aFlag: Expected = (value, path) => {
  if (typeof value !== 'boolean') throw expected(path, 'true or false', value);
};

/** ISO 8601. */
export const aTime: Expected = (value, path) => {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) {
    throw expected(path, 'a time such as 2026-11-30T12:00:00.000Z', value);
  }
};

export function oneText(...choices: string[]): Expected {
  return (value, path) => {
    if (!choices.includes(value as string)) throw expected(path, choices.join(' or '), value);
  };
}

/** May be absent. */
export function maybe(rule: Expected): Expected {
  return (value, path) => {
    if (value !== undefined) rule(value, path);
  };
}

/** May be null. */
export function orNull(rule: Expected): Expected {
  return (value, path) => {
    if (value !== null) rule(value, path);
  };
}

export function listOf(rule: Expected): Expected {
  return (value, path) => {
    if (!Array.isArray(value)) throw expected(path, 'a list', value);
    value.forEach((each, index) => rule(each, `${path}[${index}]`));
  };
}

/** An object with these members; it may have others. */
export function anObject(members: Record<string, Expected> = {}): Expected {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw expected(path || 'it', 'an object', value);
    }
    for (const [key, rule] of Object.entries(members)) {
      rule((value as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`);
    }
  };
}

/** An object whose members are all alike. */
export function aRecord(rule: Expected): Expected {
  return (value, path) => {
    anObject()(value, path);
    for (const [key, each] of Object.entries(value as object)) rule(each, `${path}.${key}`);
  };
}
