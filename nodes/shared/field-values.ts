import { srtpPreference, type ExtraHeaders } from '../../lib/calls';
import { canonicalCodecName, CODECS } from '../../lib/audio';
import { SipflowError } from '../../lib/common';

/** RFC 3261, 25.1: the characters of a header field's name. */
const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

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
