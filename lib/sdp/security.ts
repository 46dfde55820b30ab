import { randomBytes } from 'node:crypto';
import { type AudioLine } from './audio-line';
import { DEFAULTS } from '../common';
import { type CryptoLine, keyOctets, mkiOf, srtpSuiteNamed } from './crypto';
import { listNames, printable } from './printable';
import type { LocalSrtp, NegotiatedSrtp, SrtpSuite } from './types';

/** Negotiated encryption of a line: none, keys (with the line to write), or a fault as the end of a sentence. */
export type Security =
  | { kind: 'plain' }
  | { kind: 'secured'; srtp: NegotiatedSrtp; line: CryptoLine }
  | { kind: 'fault'; diagnosis: string };

/** Transport profiles that we speak; the feedback profiles (RFC 4585) do not oblige to send feedback. */
export function isKnownProtocol(protocol: string): boolean {
  return /^RTP\/S?AVPF?$/.test(protocol);
}

/** Whether the profile demands encryption. */
export function isSecureProtocol(protocol: string): boolean {
  return /^RTP\/SAVPF?$/.test(protocol);
}

/** Whether the profile is that of DTLS-SRTP (RFC 5764, 8), whose keys come by a handshake on the media path. */
export function isDtlsProtocol(protocol: string): boolean {
  return /^(UDP|TCP)\/(TLS|DTLS)\/RTP\//.test(protocol);
}

/** Why an offer of DTLS-SRTP cannot be accepted, and what to set at the other side. */
export function dtlsDiagnosis(protocol: string): string {
  return `the other side wants DTLS-SRTP, the encryption of WebRTC (${printable(protocol)} with a=fingerprint), which this phone does not speak; have it use SDES keys or no encryption toward this phone (Asterisk: webrtc=no and media_encryption=sdes; FreeSWITCH: media_webrtc=false)`;
}

/**
 * The `a=crypto` lines of an offer: one key for each suite, kept from our last description where it has one,
 * because a new key in a re-offer would mean a new SRTP stream.
 */
export function offeredCryptoLines(srtp: LocalSrtp, past: readonly CryptoLine[]): CryptoLine[] {
  return allowedSuites(srtp).map((suite, index) => {
    const last = past.find((line) => line.suite === suite);
    return { ...(last ?? { key: newKey(suite, srtp) }), tag: index + 1, suite };
  });
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
  if (demanded && line.fingerprint && line.namedSuites.length === 0)
    return fault(dtlsDiagnosis(line.protocol));
  if (!srtp) {
    if (!demanded) return { kind: 'plain' };
    return fault(
      `the other side requires encryption (${line.protocol}) and this phone has SRTP off; "optional" would allow it`,
    );
  }
  const allowed = allowedSuites(srtp);
  const theirs = line.crypto.find((candidate) => allowed.includes(candidate.suite));
  if (theirs) {
    const own = {
      tag: theirs.tag,
      suite: theirs.suite,
      // Packets of both directions carry an identifier or none of them does, as peers with one key expect.
      key:
        (pastKey(theirs.suite, past) ?? newKey(theirs.suite, srtp)).replace(/\|.*/, '') + mkiOf(theirs.key),
      ...(theirs.spelling === undefined ? {} : { spelling: theirs.spelling }),
    };
    return { kind: 'secured', line: own, srtp: keysOf(own, theirs) };
  }
  if (!demanded && srtp.policy === 'optional') return { kind: 'plain' };
  if (line.namedSuites.length === 0) {
    if (line.fingerprint) return fault(dtlsDiagnosis(line.protocol));
    return fault(
      demanded
        ? `the offer demands encryption (${line.protocol}) but brings no key (a=crypto)`
        : 'this phone requires SRTP; the offer brings no key (a=crypto)',
    );
  }
  const offered = listNames(line.namedSuites);
  const known = line.namedSuites.some((name) => allowed.some((suite) => suite === srtpSuiteNamed(name)));
  return fault(
    known
      ? `no key of the offer can be used (${offered}): it has another length than its suite asks for, or session parameters that this phone does not know`
      : `no common encryption: the offer has only ${offered}; this phone allows ${listNames(allowed)}`,
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
  return srtp.suites ?? DEFAULTS.srtpSuites;
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
