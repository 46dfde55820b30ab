import { SipflowError } from '../common/errors';
import { readAudioLine } from './audio-line';
import type { SdpMedia } from './description';
import { closedMedia, localAudioMedia, localDescription, previousDescription } from './local-description';
import { numberFormats } from './payload-types';
import type { LocalAudio } from './types';
import { writeSdp } from './write';

/**
 * An offer of one audio stream (RFC 3264, 5): our codecs in our order, then telephone events at each of
 * their clocks.
 *
 * With `local.previous` it is a re-offer (hold, resume, refresh): payload types keep their numbers, the
 * audio keeps its place, and media lines that the session has besides stay, switched off. For a re-offer
 * put the codec in use first in `local.codecs`, and raise `local.origin.version` when anything changed.
 *
 * @throws SipflowError BAD_CONFIG when there is no codec to offer.
 */
export function createOffer(local: LocalAudio): string {
  if (local.codecs.length === 0) {
    throw new SipflowError('BAD_CONFIG', 'There is no codec to offer: name at least one, for example PCMU.');
  }
  const previous = previousDescription(local);
  const place = previous ? Math.max(0, previous.media.findIndex(isOpenAudio)) : 0;
  const past = previous?.media[place] ? readAudioLine(previous, place).formats : [];
  const media = (previous?.media ?? []).map(closedMedia);
  media[place] = localAudioMedia(local, {
    protocol: 'RTP/AVP',
    formats: numberFormats(local.codecs, local.telephoneEvent, past),
    ptimeMs: local.ptimeMs,
    direction: local.direction,
    rtcpMux: local.rtcpMux === true,
    nameRtcpPort: true,
  });
  return writeSdp(localDescription(local, media));
}

/** Whether the line is the audio stream of one of our own descriptions. */
export function isOpenAudio(media: SdpMedia): boolean {
  return media.media === 'audio' && media.port !== 0;
}
