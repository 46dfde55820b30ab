import { hash, isSessionAlgorithm, type DigestAlgorithm } from './algorithms';

export type QualityOfProtection = 'auth' | 'auth-int';

/** Input of a digest besides the secret; texts as they stand on the wire, without their outer quotes. */
export interface DigestInput {
  algorithm: DigestAlgorithm;
  nonce: string;
  method: string;
  /** The `digest-uri`, verbatim. */
  uri: string;
  /** Absent: the form of RFC 2069, without nonce count. */
  qop?: QualityOfProtection;
  /** Eight hex digits; with `qop` only. */
  nc?: string;
  /** With `qop`, and for the -sess algorithms. */
  cnonce?: string;
  /** Hashed for `auth-int`; absent is the empty body. */
  body?: string | Uint8Array;
}

/**
 * H(user:realm:password), the only form in which a secret is needed; without the session part.
 *
 * @returns lower-case hex
 */
export function secretHash(
  algorithm: DigestAlgorithm,
  user: string,
  realm: string,
  password: string,
): string {
  return hash(algorithm, `${user}:${realm}:${password}`);
}

/**
 * The `response` of RFC 7616, 3.4.1.
 *
 * @param secret what `secretHash` gave for the same algorithm
 * @returns lower-case hex
 */
export function digestResponse(secret: string, input: DigestInput): string {
  const { algorithm, nonce, qop } = input;
  const cnonce = input.cnonce ?? '';
  const a1 = isSessionAlgorithm(algorithm) ? hash(algorithm, `${secret}:${nonce}:${cnonce}`) : secret;
  const integrity = qop === 'auth-int' ? `:${hash(algorithm, input.body ?? '')}` : '';
  const a2 = hash(algorithm, `${input.method}:${input.uri}${integrity}`);
  const middle = qop === undefined ? nonce : `${nonce}:${input.nc ?? ''}:${cnonce}:${qop}`;
  return hash(algorithm, `${a1}:${middle}:${a2}`);
}
