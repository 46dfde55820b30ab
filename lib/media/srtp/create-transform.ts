import { CounterModeTransform } from './counter-mode-transform';
import { GcmTransform } from './gcm-transform';
import { deriveSessionKeys } from './key-derivation';
import type { MasterKey } from './master-key';
import { MkiTransform, type IdentifiedTransform } from './mki-transform';
import type { SrtpSuite } from './suites';
import type { SrtpTransform } from './transform';

/**
 * Sets up the transform of a suite.
 *
 * @param masters of exactly the suite's length: one, or several that all have identifiers of one length.
 */
export function createTransform(suite: SrtpSuite, masters: readonly MasterKey[]): SrtpTransform {
  const identified: IdentifiedTransform[] = [];
  for (const { master, mki } of masters) {
    const transform = transformUnder(suite, master);
    if (mki === undefined) return transform;
    identified.push({ mki, transform });
  }
  return new MkiTransform(identified);
}

function transformUnder(suite: SrtpSuite, master: Uint8Array): SrtpTransform {
  const { rtp, rtcp } = deriveSessionKeys(suite, master);
  return suite.mode === 'cm'
    ? new CounterModeTransform(suite, rtp, rtcp)
    : new GcmTransform(suite, rtp, rtcp);
}
