import { type AudioLine, readAudioLines } from './audio-line';
import { SdpError } from './errors';
import { parseSdp } from './parse';
import { listNames } from './printable';
import { dtlsDiagnosis, isDtlsProtocol, isSecureProtocol } from './security';

/** Encryption of the audio, as a description of ours offers it. */
export interface OfferedEncryption {
  /** Whether it insists on it (`RTP/SAVP`). */
  required: boolean;
  /** The suites as a list within a sentence; empty when there is no key. */
  suites: string;
}

/** Encryption that a description offers; none when it cannot be read. */
export function encryptionOf(sdp: string): OfferedEncryption {
  const lines = openLines(sdp);
  const names = lines.flatMap((line) => line.namedSuites);
  return {
    required: lines.length > 0 && lines.every((line) => isSecureProtocol(line.protocol)),
    suites: names.length === 0 ? '' : listNames(names),
  };
}

/**
 * Why an offer of ours was refused, as far as encryption is the reason: a sentence (without a full stop) for people.
 *
 * @param allowed what the other side says that it would accept: the body of its 488 (RFC 3261, 13.3.1.3).
 * @returns undefined when both agree on encryption, or `allowed` says nothing about audio.
 */
export function diagnoseEncryption(offer: string, allowed: string): string | undefined {
  const theirs = openLines(allowed);
  if (theirs.length === 0) return undefined;
  const dtls = theirs.find((line) => wantsDtls(line));
  if (dtls) return dtlsDiagnosis(dtls.protocol);
  const ours = encryptionOf(offer);
  const insists = theirs.every((line) => isSecureProtocol(line.protocol));
  const suites = theirs.flatMap((line) => line.namedSuites);
  if (ours.required && !insists && suites.length === 0) {
    return `the other side takes no encryption (${theirs[0].protocol}) and this phone requires it (SRTP)`;
  }
  if (ours.suites === '' && insists) {
    return `the other side requires encryption (${theirs[0].protocol}) and this phone has SRTP off`;
  }
  const common = suites.length === 0 || suites.some((name) => ours.suites.split(', ').includes(name));
  if (common || !(ours.required || insists)) return undefined;
  return `no common encryption: this phone offered ${ours.suites}; the other side allows ${listNames(suites)}`;
}

function wantsDtls(line: AudioLine): boolean {
  return isDtlsProtocol(line.protocol) || (line.fingerprint && line.namedSuites.length === 0);
}

/** The audio lines of a description, none when it cannot be read. */
function openLines(sdp: string): AudioLine[] {
  try {
    return readAudioLines(parseSdp(sdp)).filter((line) => line.port !== 0 || line.formats.length > 0);
  } catch (error) {
    if (error instanceof SdpError) return [];
    throw error;
  }
}
