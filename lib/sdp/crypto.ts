import { type SdpAttribute, type SdpMedia, attributeValues } from './description';
import { SRTP_SUITES, type SrtpSuite } from './types';

/** One `a=crypto` line that we can use (RFC 4568, 9.1). */
export interface CryptoLine {
  tag: number;
  suite: SrtpSuite;
  /** Master key and salt, base64 with padding. */
  key: string;
}

/** Octets of master key and master salt together (RFC 4568 6.2, RFC 6188 6, RFC 7714 13). */
const KEY_OCTETS: Readonly<Record<SrtpSuite, number>> = {
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AEAD_AES_128_GCM: 28,
  AEAD_AES_256_GCM: 44,
};

/** How many octets of key and salt a suite takes. */
export function keyOctets(suite: SrtpSuite): number {
  return KEY_OCTETS[suite];
}

/**
 * The `a=crypto` lines of a media description that we can honour, in order. Left out are unknown suites, keys of a
 * wrong length, several keys or a key identifier (MKI), which our packets do not carry, and session
 * parameters that change the packets (`UNENCRYPTED_SRTP`, `KDR`, `FEC_…`). Parameters with a leading minus and
 * the window size hint may be ignored (RFC 4568, 6.3); a key's lifetime is longer than any call.
 */
export function usableCryptoLines(media: SdpMedia): CryptoLine[] {
  const lines: CryptoLine[] = [];
  for (const value of attributeValues(media, 'crypto')) {
    const line = parseCryptoLine(value);
    if (line) lines.push(line);
  }
  return lines;
}

/** The suites that the `a=crypto` lines of a media description name, known or not, for people. */
export function namedSuites(media: SdpMedia): string[] {
  return attributeValues(media, 'crypto').map((value) => value.split(/\s+/)[1] ?? '');
}

/** The attribute for a line of ours. */
export function cryptoAttribute({ tag, suite, key }: CryptoLine): SdpAttribute {
  return { name: 'crypto', value: `${tag} ${suite} inline:${key}` };
}

function parseCryptoLine(value: string): CryptoLine | undefined {
  const [tagText = '', suiteText = '', keyText = '', ...parameters] = value.split(/\s+/);
  const suite = SRTP_SUITES.find((known) => known === suiteText.toUpperCase());
  if (!/^\d{1,9}$/.test(tagText) || !suite || !parameters.every(mayIgnore)) return undefined;
  const match = /^inline:([A-Za-z0-9+/]+)={0,2}(\|[0-9^]+)?$/i.exec(keyText);
  if (!match?.[1]) return undefined;
  const key = Buffer.from(match[1], 'base64');
  if (key.length !== KEY_OCTETS[suite]) return undefined;
  return { tag: Number(tagText), suite, key: key.toString('base64') };
}

function mayIgnore(parameter: string): boolean {
  return parameter === '' || parameter.startsWith('-') || /^(WSH=\d+|KDR=0)$/i.test(parameter);
}
