import { aesCounterXor, expandAesKey } from './aes';
import type { AesKey } from './aes';
import type { SrtpSuite } from './suites';
import { readWord } from './words';

/** Labels of the derived keys (RFC 3711, 4.3.2); those of RTCP lie three higher. */
const LABEL_CIPHER = 0;
const LABEL_AUTHENTICATION = 1;
const LABEL_SALT = 2;
const RTCP_LABELS = 3;

const HMAC_KEY_LENGTH = 20;
/** The PRF's salt is 112 bits; the 96 bits of a GCM salt are padded behind (RFC 7714, 11). */
const PRF_SALT_LENGTH = 14;

/** The keys of one direction for RTP or for RTCP. */
export interface SessionKeys {
  cipherKey: Uint8Array;
  /** 20 bytes for HMAC-SHA1; empty for GCM, which authenticates with its cipher key. */
  authenticationKey: Uint8Array;
  salt: Uint8Array;
}

/**
 * Derives the session keys of RTP and RTCP from a master key (RFC 3711, 4.3; RFC 6188; RFC 7714, 11) at key
 * derivation rate 0: once for the life of the master key.
 *
 * @param master key and salt together, `keyLength + saltLength` bytes.
 */
export function deriveSessionKeys(
  suite: SrtpSuite,
  master: Uint8Array,
): { rtp: SessionKeys; rtcp: SessionKeys } {
  const prfKey = expandAesKey(master.subarray(0, suite.keyLength));
  const salt = new Uint8Array(PRF_SALT_LENGTH);
  salt.set(master.subarray(suite.keyLength, suite.keyLength + suite.saltLength));
  const derive = (label: number): SessionKeys => ({
    cipherKey: pseudoRandom(prfKey, salt, label + LABEL_CIPHER, suite.keyLength),
    authenticationKey: pseudoRandom(
      prfKey,
      salt,
      label + LABEL_AUTHENTICATION,
      suite.mode === 'cm' ? HMAC_KEY_LENGTH : 0,
    ),
    salt: pseudoRandom(prfKey, salt, label + LABEL_SALT, suite.saltLength),
  });
  return { rtp: derive(0), rtcp: derive(RTCP_LABELS) };
}

/** The key stream of AES counter mode under the master key, started at the label (RFC 3711, 4.3.3). */
function pseudoRandom(key: AesKey, salt: Uint8Array, label: number, length: number): Uint8Array {
  const x = new Uint8Array(16);
  x.set(salt);
  x[7] ^= label;
  const stream = new Uint8Array(length);
  aesCounterXor(key, readWord(x, 0), readWord(x, 4), readWord(x, 8), readWord(x, 12), stream, 0, length);
  return stream;
}
