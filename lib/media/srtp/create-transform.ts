import { CounterModeTransform } from './counter-mode-transform';
import { GcmTransform } from './gcm-transform';
import { deriveSessionKeys } from './key-derivation';
import type { SrtpSuite } from './suites';
import type { SrtpTransform } from './transform';

/**
 * Sets up the transform of a suite.
 *
 * @param master key and salt together, of exactly the suite's length.
 */
export function createTransform(suite: SrtpSuite, master: Uint8Array): SrtpTransform {
  const { rtp, rtcp } = deriveSessionKeys(suite, master);
  return suite.mode === 'cm'
    ? new CounterModeTransform(suite, rtp, rtcp)
    : new GcmTransform(suite, rtp, rtcp);
}
