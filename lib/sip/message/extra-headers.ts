import { SipflowError } from '../../common';
import type { ExtraHeaders } from '../types';
import { canonicalHeaderName } from './header-names';
import { withoutControls } from './header-values';
import { TOKEN } from './tokens';

/** Fields that carry the state of the transaction or the dialog: a flow that set them would break its call. */
const RESERVED = new Set([
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Content-Length',
  'Content-Type',
  'Max-Forwards',
  'Route',
  'Record-Route',
  'RSeq',
  'RAck',
]);

/** One header field as it is written: canonical name and value. */
export type HeaderField = readonly [name: string, value: string];

/**
 * Header fields that a flow adds, ready to be written. Control characters in values become spaces, so that no
 * value can smuggle in another field.
 *
 * @throws SipflowError BAD_CONFIG for a name that is none, or one that SIPFLOW itself sets
 */
export function extraHeaderFields(headers: ExtraHeaders | undefined): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const [given, values] of Object.entries(headers ?? {})) {
    if (!TOKEN.test(given)) {
      throw new SipflowError(
        'BAD_CONFIG',
        `"${given}" is not a SIP header name: use letters, digits and hyphens.`,
      );
    }
    const name = canonicalHeaderName(given);
    if (RESERVED.has(name)) {
      throw new SipflowError(
        'BAD_CONFIG',
        `The header ${name} is set by SIPFLOW: remove it from the headers.`,
      );
    }
    for (const value of Array.isArray(values) ? values : [values]) {
      fields.push([name, withoutControls(String(value))]);
    }
  }
  return fields;
}

/** Like `extraHeaderFields`, for BYE and CANCEL, which must go out even when the flow's headers are wrong. */
export function safeFields(headers: ExtraHeaders | undefined): HeaderField[] {
  try {
    return extraHeaderFields(headers);
  } catch {
    return [];
  }
}

/** Whether a field of that canonical name is among them. */
export function hasField(fields: readonly HeaderField[], name: string): boolean {
  return fields.some(([each]) => each === name);
}
