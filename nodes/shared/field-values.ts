import { srtpPreference, type ExtraHeaders } from '../../lib/calls';
import { canonicalCodecName, CODECS } from '../../lib/audio';
import { SipflowError } from '../../lib/common';
import type { Limits } from './field-table';

/** RFC 3261, 25.1: the characters of a header field's name. */
const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

const UNRESOLVED_ENV = /^\$\{(\S+)\}$/;

/** A number of this range; `fallback` stands for a blank field. */
export interface NumberRange extends Limits {
  fallback: number;
}

/** A number of the table: `whole`, and 0 where that means off. Blank is the fallback. Throws BAD_CONFIG. */
export function toNumber(name: string, value: unknown, range: NumberRange): number {
  if (isBlank(value)) return range.fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
  const { min = -Infinity, max = Infinity, whole, off } = range;
  const fits = number >= min && number <= max && (!whole || Number.isInteger(number));
  if (Number.isFinite(number) && (fits || (off && number === 0))) return number;
  const limits =
    max === Infinity ? (min === -Infinity ? '' : ` of at least ${min}`) : ` from ${min} to ${max}`;
  const kind = `${off ? '0 or ' : ''}a ${whole ? 'whole ' : ''}number`;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" must be ${kind}${limits}; it is ${kindOf(value)}.`,
  );
}

/** Whether nothing is written in a field. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** Text on its own; numbers count as text, because a dialled number often is stored as one. Throws BAD_CONFIG. */
export function toText(field: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  rejectUnresolvedEnv(field, value);
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  throw new SipflowError('BAD_CONFIG', `The field "${field}" must be text; it is ${kindOf(value)}.`);
}

/** Keys of a telephone, such as those that end an input, upper case. Throws BAD_CONFIG. */
export function toKeys(name: string, value: string): string {
  if (/^[0-9*#A-D]*$/i.test(value)) return value.toUpperCase();
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" may hold the keys 0-9 * # A-D only; it is ${kindOf(value)}.`,
  );
}

/** Throws BAD_CONFIG for a `\${NAME}` that Node-RED left as it was because the variable is not set. */
export function rejectUnresolvedEnv(name: string, value: unknown): void {
  const variable = typeof value === 'string' ? UNRESOLVED_ENV.exec(value.trim())?.[1] : undefined;
  if (variable === undefined) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `The field "${name}" uses the environment variable ${variable}, which is not set.`,
  );
}

/** A short description of a value for an error sentence. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'empty';
  return Array.isArray(value) ? 'a list' : value instanceof Uint8Array ? 'a buffer' : 'an object';
}

/** Checks extra header fields: names are tokens, values stay on one line. Throws BAD_CONFIG. */
export function toHeaders(field: string, value: unknown): ExtraHeaders {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The field "${field}" must be an object of header names and values, such as {"X-Campaign": "spring"}.`,
    );
  }
  const headers: ExtraHeaders = {};
  for (const [name, content] of Object.entries(value as Record<string, unknown>)) {
    if (!TOKEN.test(name)) {
      throw new SipflowError(
        'BAD_CONFIG',
        `"${name}" in the field "${field}" is not the name of a SIP header.`,
      );
    }
    headers[name] = Array.isArray(content)
      ? content.map((item) => headerValue(field, name, item))
      : headerValue(field, name, content);
  }
  return headers;
}

/** SRTP suites from a list or from text with commas; undefined when it names none. Throws BAD_CONFIG. */
export function toSuiteList(field: string, value: unknown): string[] | undefined {
  const names = namesIn(value);
  const strange = names.find((name) => typeof name !== 'string');
  if (strange !== undefined) {
    throw new SipflowError('BAD_CONFIG', `The field "${field}" must be a list of names of SRTP suites.`);
  }
  return names.length === 0 ? undefined : srtpPreference(names.map(String));
}

/** Codec names from a list or from text with commas; names are checked, their spelling is free (pitfall 13). */
export function toCodecList(field: string, value: unknown): string[] | undefined {
  const names = namesIn(value).map((item) => codecName(field, item));
  return names.length === 0 ? undefined : names;
}

/** The items of a list, or the names in a text with commas. */
function namesIn(value: unknown): unknown[] {
  const items: unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(/[,;\s]+/)
      : [value];
  return items.filter((item) => item !== '');
}

function headerValue(field: string, name: string, value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  if (typeof text === 'string' && !/[\r\n\0]/.test(text)) return text;
  throw new SipflowError(
    'BAD_CONFIG',
    `The value of "${name}" in the field "${field}" must be text on one line, or a list of such texts.`,
  );
}

function codecName(field: string, value: unknown): string {
  const name = typeof value === 'string' ? canonicalCodecName(value) : undefined;
  if (name) return name;
  const spelled = typeof value === 'string' ? `"${value}"` : 'A value that is no text';
  throw new SipflowError(
    'BAD_CONFIG',
    `${spelled} in the field "${field}" is not a codec known here; use ${Object.keys(CODECS).join(', ')}.`,
  );
}
