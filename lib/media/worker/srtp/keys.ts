import { SipflowError } from '../../../common/errors';
import { CounterMode, SALT_BYTES } from './counter-mode';

/** What a crypto suite of SDES consists of (RFC 4568, 6.2; RFC 6188). */
interface Suite {
  keyBytes: 16 | 32;
  /** Authentication tag of RTP; that of RTCP is always 80 bits (RFC 4568, 6.2.2). */
  rtpTagBytes: 4 | 10;
}

const SUITES: Readonly<Record<string, Suite>> = {
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, rtpTagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, rtpTagBytes: 4 },
  AES_256_CM_HMAC_SHA1_80: { keyBytes: 32, rtpTagBytes: 10 },
  AES_256_CM_HMAC_SHA1_32: { keyBytes: 32, rtpTagBytes: 4 },
};

const AUTHENTICATION_BYTES = 20;

/** Labels of the session keys (RFC 3711, 4.3.1 and 4.3.2). */
const RTP_LABELS = { encryption: 0, authentication: 1, salt: 2 };
const RTCP_LABELS = { encryption: 3, authentication: 4, salt: 5 };

/** Session keys of one direction, for RTP or for RTCP. */
export interface SessionKeys {
  encryption: Uint8Array;
  authentication: Uint8Array;
  salt: Uint8Array;
}

/** Everything that the packets of one direction need. */
export interface StreamKeys {
  rtp: SessionKeys;
  rtcp: SessionKeys;
  rtpTagBytes: number;
  /** Bytes of the master key identifier before the tag of each packet; 0 without one. */
  mkiBytes: number;
}

/** The suites that can be negotiated, best first. */
export const SRTP_SUITES: readonly string[] = Object.keys(SUITES);

/**
 * Derives the session keys from what an `a=crypto` line says.
 *
 * @param suite a name of `SRTP_SUITES`.
 * @param keyParameters `inline:<base64 of key and salt>[|lifetime][|MKI:length]`; the prefix may be missing.
 * @throws SipflowError BAD_CONFIG for an unknown suite or a key of the wrong length. The key is not in the message.
 */
export function deriveKeys(suite: string, keyParameters: string): StreamKeys {
  if (!Object.hasOwn(SUITES, suite)) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The crypto suite ${suite.slice(0, 60)} is not supported; use one of ${SRTP_SUITES.join(', ')}.`,
    );
  }
  const { keyBytes, rtpTagBytes } = SUITES[suite];
  const [encoded, ...options] = keyParameters.replace(/^inline:/i, '').split('|');
  const material = Buffer.from(encoded, 'base64');
  if (material.length !== keyBytes + SALT_BYTES) {
    throw new SipflowError(
      'BAD_CONFIG',
      `The SRTP key for ${suite} has ${material.length} bytes instead of ${keyBytes + SALT_BYTES}.`,
    );
  }
  const master = { key: material.subarray(0, keyBytes), salt: material.subarray(keyBytes) };
  return {
    rtp: derive(master, RTP_LABELS),
    rtcp: derive(master, RTCP_LABELS),
    rtpTagBytes,
    mkiBytes: mkiLength(options),
  };
}

function derive(master: { key: Uint8Array; salt: Uint8Array }, labels: typeof RTP_LABELS): SessionKeys {
  return {
    encryption: keyStream(master, labels.encryption, master.key.length),
    authentication: keyStream(master, labels.authentication, AUTHENTICATION_BYTES),
    salt: keyStream(master, labels.salt, SALT_BYTES),
  };
}

/** The pseudo-random function of RFC 3711, 4.3.3, without a key derivation rate. */
function keyStream(master: { key: Uint8Array; salt: Uint8Array }, label: number, length: number): Uint8Array {
  const salt = Uint8Array.from(master.salt);
  salt[SALT_BYTES - 7] ^= label;
  const stream = new Uint8Array(length);
  new CounterMode(master.key, salt).apply(stream, 0, length, 0, 0, 0);
  return stream;
}

/** `value:length` among the parameters behind the key (RFC 4568, 6.1). */
function mkiLength(options: string[]): number {
  for (const option of options) {
    const match = /^\d+:(\d{1,3})$/.exec(option);
    if (match) return Math.min(128, Number(match[1]));
  }
  return 0;
}
