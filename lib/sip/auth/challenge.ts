import { parseParameterList } from '../message/header-values';

/** Digest algorithms that we can answer, strongest first (RFC 8760, 2.4). */
export const ALGORITHMS = ['SHA-512-256', 'SHA-256', 'MD5'] as const;

export type DigestAlgorithm = (typeof ALGORITHMS)[number];

/** A Digest challenge (RFC 3261, 20.44; RFC 7616, 3.3) that we can answer. */
export interface Challenge {
  realm: string;
  nonce: string;
  opaque?: string;
  /** As the server wrote it; absent means MD5. */
  algorithmText?: string;
  algorithm: DigestAlgorithm;
  /** `-sess`: the secret is bound to nonce and cnonce. */
  session: boolean;
  /** Absent for a server of RFC 2069. */
  qop?: 'auth' | 'auth-int';
  /** The credentials were right, only the nonce is too old. */
  stale: boolean;
}

/**
 * Reads the value of a WWW-Authenticate or Proxy-Authenticate field. Undefined when it is no Digest challenge, or
 * one with an algorithm or a quality of protection that we do not know. `Basic` is never answered: it would give
 * the password away (RFC 3261, 22).
 */
export function parseChallenge(value: string): Challenge | undefined {
  const scheme = /^\s*digest\s+/i.exec(value);
  if (!scheme) return undefined;
  const parameters = parseParameterList(value.slice(scheme[0].length), ',');
  const [realm, nonce] = [parameters.get('realm'), parameters.get('nonce')];
  if (realm === undefined || realm === null || !nonce) return undefined;
  const algorithmText = parameters.get('algorithm') ?? undefined;
  const known = /^(MD5|SHA-256|SHA-512-256)(-sess)?$/i.exec(algorithmText ?? 'MD5');
  const offered = parameters
    .get('qop')
    ?.split(',')
    .map((each) => each.trim().toLowerCase());
  const qop = (['auth', 'auth-int'] as const).find((each) => offered?.includes(each));
  if (!known || (offered && !qop)) return undefined;
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque') ?? undefined,
    algorithmText,
    algorithm: known[1].toUpperCase() as DigestAlgorithm,
    session: known[2] !== undefined,
    qop,
    stale: parameters.get('stale')?.toLowerCase() === 'true',
  };
}
