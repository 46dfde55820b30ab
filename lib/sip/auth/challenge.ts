import { isAvailable, digestAlgorithm, strengthOf, type DigestAlgorithm } from './algorithms';
import { parseAuthFields, type AuthValue } from './auth-fields';
import type { QualityOfProtection } from './digest';

/** A digest challenge that SIPFLOW can answer. Texts are as on the wire, without their outer quotes. */
export interface Challenge {
  realm: string;
  nonce: string;
  algorithm: DigestAlgorithm;
  /** The algorithm as the challenge spelt it; undefined when it named none, and then the answer names none. */
  algorithmText: string | undefined;
  /** Undefined when the challenge has no `qop`: the form of RFC 2069. */
  qop: QualityOfProtection | undefined;
  opaque: string | undefined;
  stale: boolean;
}

/** The challenges of one realm, and why none of them can be answered when that is so. */
export interface RealmChallenge {
  realm: string;
  /** Undefined when the realm asks only for what SIPFLOW does not have. */
  challenge: Challenge | undefined;
  /** Algorithms and qop values that SIPFLOW does not have, for the message to people: `SHA-999`, `qop=token`. */
  unsupported: string[];
}

/**
 * Reads the values of `WWW-Authenticate` or of `Proxy-Authenticate` and picks for each realm the
 * strongest challenge that can be answered; of equally strong ones the first, because servers list
 * them in their own order of preference (RFC 8760, 2.3). Other schemes than Digest are ignored.
 */
export function selectChallenges(fields: readonly string[]): RealmChallenge[] {
  const realms = new Map<string, RealmChallenge>();
  for (const value of parseAuthFields(fields)) {
    if (value.scheme !== 'digest') continue;
    const realm = value.parameters.get('realm');
    if (realm === undefined || !value.parameters.get('nonce')) continue;
    let found = realms.get(realm);
    if (!found) realms.set(realm, (found = { realm, challenge: undefined, unsupported: [] }));
    const read = readChallenge(value, realm);
    if (typeof read === 'string') found.unsupported.push(read);
    else if (!found.challenge || strengthOf(read.algorithm) > strengthOf(found.challenge.algorithm)) {
      found.challenge = read;
    }
  }
  return [...realms.values()];
}

/** The schemes of the values, for the message to people when Digest is not among them. */
export function schemesOf(fields: readonly string[]): string[] {
  return [...new Set(parseAuthFields(fields).map((value) => value.scheme))];
}

/** @returns the challenge, or what it asks for that SIPFLOW does not have */
function readChallenge({ parameters }: AuthValue, realm: string): Challenge | string {
  const algorithmText = parameters.get('algorithm');
  const algorithm = digestAlgorithm(algorithmText);
  if (!algorithm || !isAvailable(algorithm)) return algorithmText ?? 'MD5';
  const qopText = parameters.get('qop');
  const qop = chooseQop(qopText);
  if (qop === 'unsupported') return `qop=${qopText}`;
  return {
    realm,
    nonce: parameters.get('nonce') ?? '',
    algorithm,
    algorithmText,
    qop,
    opaque: parameters.get('opaque'),
    stale: parameters.get('stale')?.toLowerCase() === 'true',
  };
}

/**
 * `auth` before `auth-int` when both are offered: a body that a session border controller rewrites on
 * the way (it does with SDP) would break the integrity digest and fail the call.
 */
function chooseQop(text: string | undefined): QualityOfProtection | undefined | 'unsupported' {
  const offered = (text ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
  if (offered.length === 0) return undefined;
  if (offered.includes('auth')) return 'auth';
  return offered.includes('auth-int') ? 'auth-int' : 'unsupported';
}
