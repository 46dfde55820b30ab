import { createHash } from 'node:crypto';

/** Digest algorithms of RFC 7616 and RFC 8760, strongest first; the order is the order of preference. */
export const DIGEST_ALGORITHMS = [
  'SHA-512-256',
  'SHA-512-256-sess',
  'SHA-256',
  'SHA-256-sess',
  'MD5',
  'MD5-sess',
] as const;

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

const HASH_NAMES: Record<DigestAlgorithm, string> = {
  'SHA-512-256': 'sha512-256',
  'SHA-512-256-sess': 'sha512-256',
  'SHA-256': 'sha256',
  'SHA-256-sess': 'sha256',
  MD5: 'md5',
  'MD5-sess': 'md5',
};

const BY_LOWER_CASE = new Map<string, DigestAlgorithm>(
  DIGEST_ALGORITHMS.map((name) => [name.toLowerCase(), name]),
);

/**
 * The algorithm that a challenge or an Authorization names, whatever its case. Absent means MD5
 * (RFC 7616, 3.3); undefined is returned for one that SIPFLOW does not have.
 */
export function digestAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  return name === undefined ? 'MD5' : BY_LOWER_CASE.get(name.toLowerCase());
}

/** Whether the algorithm hashes nonce and cnonce into A1 (RFC 7616, 3.4.2). */
export function isSessionAlgorithm(algorithm: DigestAlgorithm): boolean {
  return algorithm.endsWith('-sess');
}

/** 0 for the weakest hash; algorithms that differ by `-sess` only are equally strong. */
export function strengthOf(algorithm: DigestAlgorithm): number {
  return algorithm.startsWith('SHA-512') ? 2 : algorithm.startsWith('SHA-256') ? 1 : 0;
}

/** Hash of the algorithm over UTF-8 text or bytes, lower-case hex. Throws where a FIPS build of OpenSSL lacks MD5. */
export function hash(algorithm: DigestAlgorithm, data: string | Uint8Array): string {
  return createHash(HASH_NAMES[algorithm]).update(data).digest('hex');
}

/** Whether this build of Node.js can compute the algorithm (a FIPS build refuses MD5). */
export function isAvailable(algorithm: DigestAlgorithm): boolean {
  try {
    return hash(algorithm, '').length > 0;
  } catch {
    return false;
  }
}
