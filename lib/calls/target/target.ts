import { isIPv4, isIPv6 } from 'node:net';
import { SipflowError } from '../../common';

export interface TargetOptions {
  mode: 'simulation' | 'network';
  /** Host that completes a bare number in network mode, with or without port. */
  domain?: string;
}

/** Whom to call: a number of the simulation directory, or a URI for the network. */
export type Target =
  | { kind: 'simulated'; dn: string }
  /** Always `sip:` or `sips:`, fit for a Request-URI. */
  | { kind: 'network'; uri: string };

interface SipUri {
  scheme: string;
  /** As written, still escaped; absent when there is no `@`. */
  user?: string;
  host: string;
  /** From the port to the end, as written. */
  rest: string;
}

const MAX_LENGTH = 512;
const SIP_URI = /^(sips?):(?:([^@]*)@)?(\[[^\]]*\]|[^:;?[\]]*)((?::[^;?]*)?(?:;[^?]*)?)(\?.*)?$/i;
const USER = /^[\p{L}\p{M}\p{N}._!~*'()&=+$,;?/%#:-]+$/u;
const BARE = /^[\p{L}\p{M}\p{N}._!~*'()&=+$,;%#-]+$/u;
/** A user part that is its own number. */
const PLAIN = /^[\w.+*-]*$/;
const TEL = /^(\+?[0-9A-F*#().-]*[0-9*#][0-9A-F*#().-]*)((?:;[\w.+-]+(?:=[\w.+%-]+)?)*)$/i;

/**
 * Target of a call or request, from the text of a target field.
 *
 * Simulation: a bare number or a SIP URI, of which the user part counts. Network: a SIP or SIPS URI is used
 * verbatim (letters outside ASCII are escaped); a `tel:` number becomes `sip:…;user=phone` (RFC 3261, 19.1.6)
 * and a bare number a user part, both at the domain.
 *
 * @throws SipflowError BAD_TARGET with a sentence on how to write it; BAD_CONFIG when the domain itself
 * is no host.
 */
export function resolveTarget(text: string, options: TargetOptions): Target {
  const target = text.trim().normalize('NFC');
  if (target === '') throw bad('The target is empty', options);
  if (target.length > MAX_LENGTH) throw bad(`The target has more than ${MAX_LENGTH} characters`, options);
  if (/[\s\p{C}<>"\\]/u.test(target)) {
    throw bad(
      `The target "${shown(target)}" has spaces, brackets or other characters that no address has`,
      options,
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(target)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'sip':
    case 'sips':
      return fromSip(target, options);
    case 'tel':
      return fromTel(target, options);
    case undefined:
      return fromNumber(target, options);
    default:
      throw bad(`The target "${shown(target)}" is neither a SIP URI nor a number`, options);
  }
}

/** The number within the user part of a URI: escapes decoded, parameters and password left out. */
export function numberOf(userPart: string): string {
  if (PLAIN.test(userPart)) return userPart;
  const user = /^[^;:]*/.exec(userPart)?.[0] ?? '';
  try {
    return decodeURIComponent(user).normalize('NFC');
  } catch {
    return user;
  }
}

function fromSip(target: string, options: TargetOptions): Target {
  const uri = parseSipUri(target);
  if (!uri) throw bad(`The target "${shown(target)}" is no valid SIP URI`, options);
  if (options.mode === 'network') {
    const user = uri.user === undefined ? '' : `${escapeLetters(uri.user)}@`;
    return { kind: 'network', uri: `${uri.scheme}:${user}${uri.host}${uri.rest}` };
  }
  const dn = numberOf(uri.user ?? '');
  if (dn === '') throw bad(`The target "${shown(target)}" names no number`, options);
  return { kind: 'simulated', dn };
}

function fromTel(target: string, options: TargetOptions): Target {
  const [, written = '', parameters = ''] = TEL.exec(target.slice('tel:'.length)) ?? [];
  const number = written.replace(/[().-]/g, '');
  if (number === '') throw bad(`The target "${shown(target)}" is no valid telephone number`, options);
  if (options.mode === 'simulation') return { kind: 'simulated', dn: number };
  return {
    kind: 'network',
    uri: `sip:${escapeUser(number)}${parameters}@${domainFor(target, options)};user=phone`,
  };
}

function fromNumber(target: string, options: TargetOptions): Target {
  if (target.includes('@')) {
    throw bad(
      `The target "${shown(target)}" lacks its scheme: write sip:${shown(target)}. In general`,
      options,
    );
  }
  if (!BARE.test(target)) throw bad(`The target "${shown(target)}" is no number`, options);
  if (options.mode === 'simulation') return { kind: 'simulated', dn: target };
  return { kind: 'network', uri: `sip:${escapeUser(target)}@${domainFor(target, options)}` };
}

function parseSipUri(text: string): SipUri | undefined {
  const match = SIP_URI.exec(text);
  if (!match) return undefined;
  const [, scheme = '', user, host = '', rest = '', headers] = match;
  if (headers !== undefined || !isHost(host) || !isPortAndParameters(rest)) return undefined;
  if (user === undefined) return { scheme, host, rest };
  return USER.test(user) ? { scheme, user, host, rest } : undefined;
}

/** IPv4, IPv6 in brackets, or a name whose last label is no number (underscores occur and are let through). */
function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  if (isIPv4(host)) return true;
  const labels = host.replace(/\.$/, '').split('.');
  return (
    host.length <= 253 &&
    labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

function isPortAndParameters(rest: string): boolean {
  const match = /^(?::(\d{1,5}))?(?:;[\x21-\x7e]*)?$/.exec(rest);
  if (!match) return false;
  const port = Number(match[1] ?? 5060);
  return port > 0 && port <= 65_535;
}

function domainFor(target: string, { mode, domain }: TargetOptions): string {
  const host = domain?.trim() ?? '';
  if (host === '') {
    throw bad(`The target "${shown(target)}" needs a host, and the SIP phone has no "domain"`, { mode });
  }
  if (host.includes('@') || host.includes(';') || !parseSipUri(`sip:x@${host}`)) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The domain "${shown(host)}" of the SIP phone is no host: write a name or an address, for example example.com.`,
    );
  }
  return host;
}

/** Escapes the characters that the user part of a SIP URI may not hold (RFC 3261, 25.1). */
function escapeUser(user: string): string {
  return user.replace(/[^A-Za-z0-9._!~*'()&=+$,;?/-]+/g, encodeURIComponent);
}

function escapeLetters(user: string): string {
  return user.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

function bad(problem: string, { mode }: TargetOptions): SipflowError {
  const advice =
    mode === 'simulation'
      ? 'write the number of a simulated phone, for example 200, or a SIP URI such as sip:200@example.com.'
      : 'write a SIP URI such as sip:200@example.com, a telephone number such as tel:+8225551234, or a bare number, which the "domain" of the SIP phone completes.';
  const joint = problem.endsWith('In general') ? ', ' : ': ';
  return new SipflowError('BAD_TARGET', `${problem}${joint}${advice}`);
}

function shown(text: string): string {
  const clean = text.replace(/\p{C}/gu, '?');
  return clean.length > 60 ? `${clean.slice(0, 59)}…` : clean;
}
