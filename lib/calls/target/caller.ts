import { SipflowError } from '../../common';
import {
  ANONYMOUS_URI,
  escapeUser,
  identityUri,
  isSipScheme,
  parseSipUri,
  type CallerIdentity,
  type Privacy,
} from '../../sip';
import type { DialOptions } from '../types';

/** Privacy levels of a call (RFC 3323, RFC 3325), mildest first. */
export const PRIVACIES: readonly Privacy[] = ['none', 'id', 'header', 'full'];

/** Longest identity and display name that are written; telephones show 30 characters. */
const MAX_FROM = 256;
const MAX_NAME = 128;

/** RFC 3966, 3: a number, global or local, and parameters. */
const TEL = /^tel:(\+?[0-9a-f*#().-]+)(;[a-z0-9\-._~%!$&'()*+:[\]/=;]+)?$/i;

/**
 * Who a call says that it comes from; undefined when that is the phone itself.
 *
 * @param phoneUri gives a bare number its host
 * @throws SipflowError BAD_CONFIG, naming the field
 */
export function callerIdentity(
  { from = '', fromName = '', privacy = '' }: Pick<DialOptions, 'from' | 'fromName' | 'privacy'>,
  phoneUri: string,
): CallerIdentity | undefined {
  const number = from.trim();
  const name = fromName.trim();
  const level = privacy.trim();
  if (number === '' && name === '' && level === '') return undefined;
  const caller: CallerIdentity = number === '' ? {} : identityOf(number, phoneUri);
  if (name !== '') {
    assertPrintable('fromName', name, MAX_NAME);
    caller.displayName = name;
  }
  if (level !== '') caller.privacy = privacyOf(level);
  return caller;
}

/** URI in the From of such a call; undefined when it is that of the phone. */
export function fromOf(caller: CallerIdentity | undefined): string | undefined {
  return caller?.privacy !== undefined && caller.privacy !== 'none' ? ANONYMOUS_URI : caller?.uri;
}

function identityOf(from: string, phoneUri: string): CallerIdentity {
  assertPrintable('from', from, MAX_FROM);
  if (/^tel:/i.test(from)) {
    const number = TEL.exec(from)?.[1];
    if (number === undefined) throw noIdentity(from);
    return { uri: `${ownUri(number.replace(/[().-]/g, ''), phoneUri)};user=phone`, telUri: from };
  }
  if (/^[^\s<>"@:\\]+$/.test(from)) return { uri: ownUri(from, phoneUri) };
  const uri = /^[\x21-\x7e]+$/.test(from) ? parseSipUri(from) : undefined;
  if (!uri?.user || !isSipScheme(uri.scheme)) throw noIdentity(from);
  return { uri: identityUri(from) };
}

/** The phone's URI with another user part. */
function ownUri(user: string, phoneUri: string): string {
  const phone = parseSipUri(phoneUri);
  return `${phone?.scheme ?? 'sip'}:${escapeUser(user)}@${phone?.host ?? 'localhost'}`;
}

function privacyOf(level: string): Privacy {
  const found = PRIVACIES.find((each) => each === level.toLowerCase());
  if (found) return found;
  throw bad('privacy', `must be one of ${PRIVACIES.join(', ')}, or blank; it is "${shown(level)}"`);
}

/** Refuses line breaks, which would begin another header field, and invisible characters, which could hide one. */
function assertPrintable(field: string, value: string, max: number): void {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value)) throw bad(field, 'must be on one line, without control characters');
  if (value.length > max) throw bad(field, `may have ${max} characters; it has ${value.length}`);
}

function noIdentity(from: string): SipflowError {
  return bad(
    'from',
    `must be a number such as 1001 or +8225551234, a SIP URI with a user part, or a tel: URI; it is "${shown(from)}"`,
  );
}

function bad(field: string, problem: string): SipflowError {
  return new SipflowError('BAD_CONFIG', `"${field}" ${problem}.`, { field });
}

function shown(value: string): string {
  const clean = value.replace(/\p{C}/gu, '?');
  return clean.length > 60 ? `${clean.slice(0, 59)}…` : clean;
}
