import { words } from '../common';
import { type SdpAttribute, type SdpMedia, attributeValues } from './description';
import { SRTP_SUITES, type SrtpSuite } from './types';

/** One `a=crypto` line that we can use (RFC 4568, 9.1). */
export interface CryptoLine {
  tag: number;
  suite: SrtpSuite;
  /** The suite as the line spells it, where that is another way than RFC 4568 and 6188 do: our answer repeats it. */
  spelling?: string;
  /**
   * The master keys: `<base64>`, or `<base64>|<MKI>:<length>` where packets carry an identifier,
   * several of them parted by semicolons.
   */
  key: string;
}

/** Octets of master key and master salt together (RFC 4568 6.2, RFC 6188 6, RFC 7714 13). */
const KEY_OCTETS: Readonly<Record<SrtpSuite, number>> = {
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
  AES_192_CM_HMAC_SHA1_80: 38,
  AES_192_CM_HMAC_SHA1_32: 38,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AEAD_AES_128_GCM: 28,
  AEAD_AES_256_GCM: 44,
};

/** `AES_CM_256_…`, as drafts before RFC 6188 named what is now `AES_256_CM_…`; devices still do. */
const DRAFT_NAME = /^AES_CM_(192|256)_/;
/** More keys than a line of a real peer has, and more lines than one media description of a real peer has. */
const MAX_KEYS = 16;
const MAX_LINES = 64;
const MAX_MKI_OCTETS = 128;
/** Digits of the largest number of 128 octets. */
const MAX_MKI_DIGITS = 309;

/** Octets of key and salt together that a suite takes. */
export function keyOctets(suite: SrtpSuite): number {
  return KEY_OCTETS[suite];
}

/** The suite that a user or a peer means by that name, whatever its case; undefined when it is none of ours. */
export function srtpSuiteNamed(name: string): SrtpSuite | undefined {
  const canonical = name.toUpperCase().replace(DRAFT_NAME, 'AES_$1_CM_');
  return SRTP_SUITES.find((known) => known === canonical);
}

/**
 * The `a=crypto` lines of a media description that we can honour, in order (the first 64 are looked at). Left out
 * are unknown suites, keys of a wrong length, several keys without identifiers (MKI) of one length, and session
 * parameters that change the packets (`UNENCRYPTED_SRTP`, `KDR`, `FEC_…`) or that are unknown. Parameters with a
 * leading minus and the window size hint may be ignored (RFC 4568, 6.3); a key's lifetime is longer than any call.
 */
export function usableCryptoLines(media: SdpMedia): CryptoLine[] {
  const lines: CryptoLine[] = [];
  const values = attributeValues(media, 'crypto');
  if (values.length === 0) return lines;
  for (const value of values.slice(0, MAX_LINES)) {
    const line = parseCryptoLine(value);
    if (line) lines.push(line);
  }
  return lines;
}

/** The suites that the `a=crypto` lines of a media description name, known or not, for people. */
export function namedSuites(media: SdpMedia): string[] {
  const values = attributeValues(media, 'crypto');
  return values.length === 0 ? [] : [...new Set(values.map((value) => words(value)[1] ?? ''))];
}

/** The attribute for a line of ours. */
export function cryptoAttribute({ tag, suite, spelling, key }: CryptoLine): SdpAttribute {
  const keys = key.split(';').map((one) => `inline:${one}`);
  return { name: 'crypto', value: `${tag} ${spelling ?? suite} ${keys.join(';')}` };
}

/** MKI of the first key of a line: `|<MKI>:<length>`, or an empty text. */
export function mkiOf(key: string): string {
  return /\|[^;]*/.exec(key)?.[0] ?? '';
}

function parseCryptoLine(value: string): CryptoLine | undefined {
  const [tagText = '', spelling = '', keyText = '', ...parameters] = words(value);
  const suite = srtpSuiteNamed(spelling);
  if (!/^\d{1,9}$/.test(tagText) || !suite || !parameters.every(mayIgnore)) return undefined;
  const key = parseKeys(keyText, KEY_OCTETS[suite]);
  if (key === undefined) return undefined;
  const line: CryptoLine = { tag: Number(tagText), suite, key };
  if (spelling !== suite) line.spelling = spelling;
  return line;
}

/** The keys of a line without lifetimes; undefined when they cannot be used. */
function parseKeys(text: string, octets: number): string | undefined {
  const keys = text.split(';', MAX_KEYS + 1).map((one) => parseKey(one, octets));
  if (keys.length > MAX_KEYS) return undefined;
  const lengths = new Set<string>();
  const identifiers = new Set<string>();
  for (const key of keys) {
    if (key === undefined) return undefined;
    const [, mki = '', length = ''] = /\|(\d+):(\d+)$/.exec(key) ?? [];
    lengths.add(length);
    identifiers.add(mki);
  }
  // Packets say by their identifier which of several keys they are under (RFC 4568, 6.1).
  if (lengths.size !== 1 || identifiers.size !== keys.length) return undefined;
  return keys.join(';');
}

/** `inline:<base64>[|lifetime][|MKI:length]` (RFC 4568, 9.2) without its first and its second part. */
function parseKey(text: string, octets: number): string | undefined {
  const match = /^inline:([A-Za-z0-9+/]+)={0,2}(?:\|(?:2\^)?\d{1,20})?(?:\|(\d+):(\d{1,3}))?$/i.exec(text);
  if (!match) return undefined;
  const [, base64, mki, length] = match;
  const key = Buffer.from(base64, 'base64');
  if (key.length !== octets) return undefined;
  if (mki === undefined) return key.toString('base64');
  const mkiOctets = Number(length);
  if (mkiOctets < 1 || mkiOctets > MAX_MKI_OCTETS || mki.length > MAX_MKI_DIGITS) return undefined;
  const identifier = BigInt(mki);
  if (identifier >= 1n << BigInt(8 * mkiOctets)) return undefined;
  return `${key.toString('base64')}|${identifier}:${mkiOctets}`;
}

function mayIgnore(parameter: string): boolean {
  return parameter === '' || parameter.startsWith('-') || /^(WSH=\d+|KDR=0)$/i.test(parameter);
}
