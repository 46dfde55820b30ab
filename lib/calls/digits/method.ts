import { CODECS } from '../../audio';
import { SipflowError } from '../../common';
import type { MediaParameters } from '../../media';
import type { DtmfMethod } from '../types';

/** A method that digits can really travel by. */
export type EffectiveDtmfMethod = Exclude<DtmfMethod, 'auto'>;

/**
 * Chooses how digits are sent (pitfall 6). `auto` takes RFC 4733 when the peer accepts telephone-event,
 * then in-band tones when the codec carries them, then SIP INFO.
 *
 * @throws SipflowError DTMF_NOT_NEGOTIATED when an explicit method cannot work on this call
 */
export function chooseDtmfMethod(
  requested: DtmfMethod,
  media: Pick<MediaParameters, 'codec' | 'telephoneEvent'>,
): EffectiveDtmfMethod {
  const carriesTones = CODECS[media.codec.name].carriesTones;
  switch (requested) {
    case 'auto':
      if (media.telephoneEvent) return 'rfc4733';
      return carriesTones ? 'inband' : 'info';
    case 'rfc4733':
      if (media.telephoneEvent) return 'rfc4733';
      throw new SipflowError(
        'DTMF_NOT_NEGOTIATED',
        'The other side did not accept telephone-event, so digits cannot be sent by RFC 4733. Choose the method "auto", "info" or "inband".',
      );
    case 'inband':
      if (carriesTones) return 'inband';
      throw new SipflowError(
        'DTMF_NOT_NEGOTIATED',
        `In-band tones do not survive ${media.codec.name}. Choose the method "auto", "rfc4733" or "info".`,
      );
    case 'info':
      return 'info';
  }
}

/** Advice for a flow when the other side takes no telephone-event; undefined when digits go as requested. */
export function digitAdvice(
  requested: DtmfMethod,
  media: Pick<MediaParameters, 'codec' | 'telephoneEvent'>,
): string | undefined {
  if (media.telephoneEvent || (requested !== 'auto' && requested !== 'rfc4733')) return undefined;
  const lacking = 'The other side takes no telephone-event (RFC 4733)';
  if (requested === 'rfc4733') {
    return `${lacking}, so digits cannot be sent that way. Choose the method "auto", "info" or "inband".`;
  }
  return chooseDtmfMethod(requested, media) === 'inband'
    ? `${lacking}: digits are sent as in-band tones.`
    : `${lacking}, and ${media.codec.name} carries no tones: digits are sent by SIP INFO.`;
}
