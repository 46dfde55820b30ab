import { CODECS, type CodecName, canonicalCodecName } from '../audio/codecs';
import { opusInstalled, opusMissing } from '../audio/opus';
import { SipflowError } from '../common/errors';

/**
 * The ordered codec list that a user meant: canonical names whatever the spelling (pitfall 13), each once.
 *
 * @param options.pcmuFallback adds PCMU at the end when the list lacks it (pitfall 3: network mode offers
 * PCMU last).
 * @param options.hasOpus for tests: whether the optional package of Opus is installed.
 * @throws SipflowError BAD_CONFIG for a name that no codec answers to, for one whose package is missing, and for
 * an empty result.
 */
export function codecPreference(
  list: readonly string[],
  options: { pcmuFallback: boolean; hasOpus?: () => boolean },
): CodecName[] {
  const names = new Set<CodecName>();
  for (const spelling of list) {
    const name = canonicalCodecName(spelling);
    if (name === undefined) {
      throw new SipflowError(
        'BAD_CONFIG',
        `There is no codec "${spelling}"; known are ${Object.keys(CODECS).join(', ')}.`,
      );
    }
    names.add(name);
  }
  if (names.has('OPUS') && !(options.hasOpus ?? opusInstalled)()) throw opusMissing();
  if (options.pcmuFallback) names.add('PCMU');
  if (names.size === 0) {
    throw new SipflowError('BAD_CONFIG', 'The codec list is empty: name at least one, for example PCMU.');
  }
  return [...names];
}
