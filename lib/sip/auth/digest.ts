import { createHash } from 'node:crypto';
import { quote } from '../message/header-values';
import type { Challenge, DigestAlgorithm } from './challenge';

export interface Credentials {
  user: string;
  password: string;
}

/** The request that the credentials are for. */
export interface DigestRequest {
  method: string;
  /** Request-URI. */
  uri: string;
  /** Content of the body; empty when there is none. */
  body: string;
}

const HASHES: Record<DigestAlgorithm, string> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/**
 * Value of Authorization or Proxy-Authorization (RFC 7616, 3.4).
 *
 * @param nonceCount how often this nonce has been used, this time included
 * @param cnonce our own nonce
 */
export function digestResponse(
  challenge: Challenge,
  credentials: Credentials,
  request: DigestRequest,
  nonceCount: number,
  cnonce: string,
): string {
  const { realm, nonce, qop } = challenge;
  const hash = (text: string): string => createHash(HASHES[challenge.algorithm]).update(text).digest('hex');
  const count = nonceCount.toString(16).padStart(8, '0');

  const secret = hash(`${credentials.user}:${realm}:${credentials.password}`);
  const ha1 = challenge.session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const entity = qop === 'auth-int' ? `:${hash(request.body)}` : '';
  const ha2 = hash(`${request.method}:${request.uri}${entity}`);
  const response = qop
    ? hash(`${ha1}:${nonce}:${count}:${cnonce}:${qop}:${ha2}`)
    : hash(`${ha1}:${nonce}:${ha2}`);

  const parts = [
    `username=${quote(credentials.user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri="${request.uri}"`,
    `response="${response}"`,
  ];
  if (challenge.algorithmText !== undefined) parts.push(`algorithm=${challenge.algorithmText}`);
  if (qop || challenge.session) parts.push(`cnonce="${cnonce}"`);
  if (qop) parts.push(`qop=${qop}`, `nc=${count}`);
  if (challenge.opaque !== undefined) parts.push(`opaque=${quote(challenge.opaque)}`);
  return `Digest ${parts.join(', ')}`;
}
