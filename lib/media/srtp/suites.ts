/** The SRTP crypto suites that this package speaks, named as in `a=crypto` lines (RFC 4568, RFC 6188, RFC 7714). */
export type SrtpSuiteName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_192_CM_HMAC_SHA1_80'
  | 'AES_192_CM_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32'
  | 'AEAD_AES_128_GCM'
  | 'AEAD_AES_256_GCM';

/** Sizes of one suite, all in bytes. */
export interface SrtpSuite {
  readonly name: SrtpSuiteName;
  /** `cm` is AES counter mode with HMAC-SHA1, `gcm` is AES in Galois/counter mode. */
  readonly mode: 'cm' | 'gcm';
  readonly keyLength: number;
  readonly saltLength: number;
  /** Authentication tag of an RTP packet. */
  readonly rtpTagLength: number;
  /** Authentication tag of an RTCP packet: the `_32` suites shorten only that of RTP (RFC 4568, 6.2.2). */
  readonly rtcpTagLength: number;
}

/** Length of the E flag and index that every SRTCP packet carries (RFC 3711, 3.4). */
export const SRTCP_INDEX_LENGTH = 4;

const SUITES: Readonly<Record<SrtpSuiteName, SrtpSuite>> = {
  AES_CM_128_HMAC_SHA1_80: counterMode('AES_CM_128_HMAC_SHA1_80', 16, 10),
  AES_CM_128_HMAC_SHA1_32: counterMode('AES_CM_128_HMAC_SHA1_32', 16, 4),
  AES_192_CM_HMAC_SHA1_80: counterMode('AES_192_CM_HMAC_SHA1_80', 24, 10),
  AES_192_CM_HMAC_SHA1_32: counterMode('AES_192_CM_HMAC_SHA1_32', 24, 4),
  AES_256_CM_HMAC_SHA1_80: counterMode('AES_256_CM_HMAC_SHA1_80', 32, 10),
  AES_256_CM_HMAC_SHA1_32: counterMode('AES_256_CM_HMAC_SHA1_32', 32, 4),
  AEAD_AES_128_GCM: galois('AEAD_AES_128_GCM', 16),
  AEAD_AES_256_GCM: galois('AEAD_AES_256_GCM', 32),
};

/** Every suite name, the most widely spoken first. */
export const SRTP_SUITE_NAMES = Object.keys(SUITES) as readonly SrtpSuiteName[];

/** The suite of that name, or undefined when it is none of ours. Names are compared exactly, as RFC 4568 writes them. */
export function srtpSuite(name: string): SrtpSuite | undefined {
  return Object.hasOwn(SUITES, name) ? SUITES[name as SrtpSuiteName] : undefined;
}

/** Length in bytes of master key and salt together, the way an `inline:` key carries them. */
export function masterLength(suite: SrtpSuite): number {
  return suite.keyLength + suite.saltLength;
}

function counterMode(name: SrtpSuiteName, keyLength: number, rtpTagLength: number): SrtpSuite {
  return { name, mode: 'cm', keyLength, saltLength: 14, rtpTagLength, rtcpTagLength: 10 };
}

function galois(name: SrtpSuiteName, keyLength: number): SrtpSuite {
  return { name, mode: 'gcm', keyLength, saltLength: 12, rtpTagLength: 16, rtcpTagLength: 16 };
}
