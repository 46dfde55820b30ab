import { randomBytes } from 'node:crypto';
import { type AudioLine } from './audio-line';
import { type CryptoLine, keyOctets } from './crypto';
import { listNames, printable } from './diagnose';
import type { LocalSrtp, NegotiatedSrtp, SrtpSuite } from './types';

/** Suites that every implementation has (RFC 4568, 6.2), strongest authentication first. */
const DEFAULT_SUITES: readonly SrtpSuite[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];

/** What securing a line came to: keys (with the line to write), none, or the end of a sentence that says why not. */
export type Security =
  | { kind: 'plain' }
  | { kind: 'secured'; srtp: NegotiatedSrtp; line: CryptoLine }
  | { kind: 'fault'; diagnosis: string };

/** Transport profiles that we speak; the feedback profiles (RFC 4585) oblige nobody to send feedback. */
export function isKnownProtocol(protocol: string): boolean {
  return /^RTP\/S?AVPF?$/.test(protocol);
}

/** Whether the profile demands encryption. */
export function isSecureProtocol(protocol: string): boolean {
  return /^RTP\/SAVPF?$/.test(protocol);
}

/**
 * The `a=crypto` lines of an offer: one key for each suite, kept from our last description where it has one,
 * because a new key in a re-offer would mean a new SRTP stream.
 */
export function offeredCryptoLines(srtp: LocalSrtp, past: readonly CryptoLine[]): CryptoLine[] {
  return allowedSuites(srtp).map((suite, index) => ({
    tag: index + 1,
    suite,
    key: pastKey(suite, past) ?? newKey(suite, srtp),
  }));
}

/**
 * Decides about encryption when we answer. A secure profile demands it; `a=crypto` under a plain profile is an
 * offer to encrypt if we can (opportunistic SRTP, RFC 8643). The first line of the offer that we allow is taken.
 *
 * @param srtp our policy; absent = off.
 * @param past the crypto lines of our last description, whose key goes on.
 */
export function secureAnswer(
  line: AudioLine,
  srtp: LocalSrtp | undefined,
  past: readonly CryptoLine[],
): Security {
  const demanded = isSecureProtocol(line.protocol);
  if (!srtp) {
    if (!demanded) return { kind: 'plain' };
    return fault(`the offer demands encryption (${line.protocol}); this phone has SRTP switched off`);
  }
  const allowed = allowedSuites(srtp);
  const theirs = line.crypto.find((candidate) => allowed.includes(candidate.suite));
  if (theirs) {
    const own = {
      tag: theirs.tag,
      suite: theirs.suite,
      key: pastKey(theirs.suite, past) ?? newKey(theirs.suite, srtp),
    };
    return { kind: 'secured', line: own, srtp: keysOf(own, theirs) };
  }
  if (!demanded && srtp.policy === 'optional') return { kind: 'plain' };
  if (line.namedSuites.length === 0) {
    return fault(
      demanded
        ? `the offer demands encryption (${line.protocol}) but brings no key (a=crypto)`
        : 'this phone requires SRTP; the offer brings no key (a=crypto)',
    );
  }
  return fault(
    `no common encryption: offered ${listNames(line.namedSuites)}; this phone allows ${listNames(allowed)}`,
  );
}

/**
 * Decides about encryption when the answer to our offer is in. Answerers that switch between the plain and the
 * secure profile are understood by their key.
 *
 * @param required whether our policy takes no answer without a key.
 */
export function secureAnswered(ours: AudioLine, theirs: AudioLine, required: boolean): Security {
  if (!isKnownProtocol(theirs.protocol)) {
    return fault(`the answer changes the transport from ${ours.protocol} to ${printable(theirs.protocol)}`);
  }
  for (const line of theirs.crypto) {
    const own =
      ours.crypto.find((candidate) => candidate.tag === line.tag && candidate.suite === line.suite) ??
      ours.crypto.find((candidate) => candidate.suite === line.suite);
    if (own) return { kind: 'secured', line: own, srtp: keysOf(own, line) };
  }
  if (ours.crypto.length > 0 && theirs.namedSuites.length > 0) {
    return fault(
      `the answer encrypts with ${listNames(theirs.namedSuites)}; offered ${listNames(ours.namedSuites)}`,
    );
  }
  if (required || isSecureProtocol(ours.protocol))
    return fault('this phone requires SRTP; the answer brings no key');
  if (isSecureProtocol(theirs.protocol)) {
    return fault(`the answer changes the transport from ${ours.protocol} to ${theirs.protocol}`);
  }
  return { kind: 'plain' };
}

function allowedSuites(srtp: LocalSrtp): readonly SrtpSuite[] {
  return srtp.suites ?? DEFAULT_SUITES;
}

function pastKey(suite: SrtpSuite, past: readonly CryptoLine[]): string | undefined {
  return past.find((line) => line.suite === suite)?.key;
}

function newKey(suite: SrtpSuite, srtp: LocalSrtp): string {
  const create = srtp.createKey ?? randomBytes;
  return Buffer.from(create(keyOctets(suite))).toString('base64');
}

function keysOf(own: CryptoLine, theirs: CryptoLine): NegotiatedSrtp {
  return { suite: own.suite, sendKey: own.key, receiveKey: theirs.key };
}

function fault(diagnosis: string): Security {
  return { kind: 'fault', diagnosis };
}
