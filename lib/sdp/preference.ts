import { canonicalCodecName, type CodecDescription, type CodecName, CODECS, COMMON_CODEC } from '../audio';
import { SipflowError } from '../common';
import { srtpSuiteNamed } from './crypto';
import { SRTP_SUITES, type SrtpSuite } from './types';

/**
 * The ordered codec list that a user meant: canonical names whatever the spelling (pitfall 13), each once.
 *
 * @param options.pcmuFallback adds PCMU at the end when the list lacks it (pitfall 3: network mode offers
 * PCMU last).
 * @param options.installed for tests: whether the optional package of a codec is there.
 * @throws SipflowError BAD_CONFIG for a name that no codec answers to, for one whose package is missing, and for
 * an empty result.
 */
export function codecPreference(
  list: readonly string[],
  options: { pcmuFallback: boolean; installed?: NonNullable<CodecDescription['needs']>['installed'] },
): CodecName[] {
  const names: CodecName[] = [];
  const add = (name: CodecName): void => {
    if (!names.includes(name)) names.push(name);
  };
  for (const spelling of list) {
    const name = canonicalCodecName(spelling);
    if (name === undefined) {
      throw new SipflowError(
        'BAD_CONFIG',
        `There is no codec "${spelling}"; known are ${Object.keys(CODECS).join(', ')}.`,
        { field: 'codecs' },
      );
    }
    add(name);
    const { needs } = CODECS[name];
    if (needs && !(options.installed ?? needs.installed)()) throw needs.missing();
  }
  if (options.pcmuFallback) add(COMMON_CODEC);
  if (names.length === 0) {
    throw new SipflowError('BAD_CONFIG', 'The codec list is empty: name at least one, for example PCMU.', {
      field: 'codecs',
    });
  }
  return names;
}

/**
 * The ordered list of SRTP suites that a user meant: names of RFC 4568, 6188 and 7714 in any case, and
 * `AES_CM_256_…` for `AES_256_CM_…`, each once.
 *
 * @throws SipflowError BAD_CONFIG for a name that is none of ours, and for an empty list.
 */
export function srtpPreference(list: readonly string[]): SrtpSuite[] {
  const suites = new Set<SrtpSuite>();
  for (const spelling of list) {
    const suite = srtpSuiteNamed(spelling.trim());
    if (suite === undefined) {
      throw new SipflowError(
        'BAD_CONFIG',
        `There is no SRTP suite "${spelling}"; known are ${SRTP_SUITES.join(', ')}.`,
        { field: 'srtpSuites' },
      );
    }
    suites.add(suite);
  }
  if (suites.size === 0) {
    throw new SipflowError(
      'BAD_CONFIG',
      'The list of SRTP suites is empty: name at least one, for example AES_CM_128_HMAC_SHA1_80.',
      { field: 'srtpSuites' },
    );
  }
  return [...suites];
}
