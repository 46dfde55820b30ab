import { SipflowError } from '../common';
import type { SessionDescription } from './description';
import { closedMedia, localAudioMedia, localDescription, previousDescription } from './local-description';
import { numberFormats } from './payload-types';
import { offeredCryptoLines } from './security';
import type { LocalAudio } from './types';
import { writeSdp } from './write';

/**
 * An offer of one audio stream (RFC 3264, 5): our codecs in our order, then telephone events at each of
 * their clocks and at 8000. With `local.srtp` it brings keys; see `LocalSrtp` for how the policies differ.
 *
 * With `local.previous` it is a re-offer (hold, resume, refresh): payload types keep their numbers, the
 * audio keeps its place, and media lines that the session has besides stay, switched off. For a re-offer
 * put the codec in use first in `local.codecs`, and raise `local.origin.version` when anything changed.
 *
 * @returns the text to send, and the description of which it was made, for `applyAnswer`
 * @throws SipflowError BAD_CONFIG when there is no codec to offer.
 */
export function createOffer(local: LocalAudio): { text: string; description: SessionDescription } {
  if (local.codecs.length === 0) {
    throw new SipflowError('BAD_CONFIG', 'There is no codec to offer: name at least one, for example PCMU.');
  }
  const { description: past, audio } = previousDescription(local);
  const place = audio?.index ?? 0;
  const ours = localAudioMedia(local, {
    protocol: audio?.protocol ?? (local.srtp?.policy === 'required' ? 'RTP/SAVP' : 'RTP/AVP'),
    formats: numberFormats(local.codecs, local.telephoneEvent, audio?.formats ?? []),
    ptimeMs: local.ptimeMs,
    direction: local.direction,
    rtcpMux: local.rtcpMux ?? audio?.rtcpMux ?? false,
    rtcpXr: true,
    nameRtcpPort: true,
    crypto: local.srtp ? offeredCryptoLines(local.srtp, audio?.crypto ?? []) : [],
  });
  // Mostly the only line; a list that grows by an index has room for sixteen more.
  const media = past && past.media.length > 0 ? past.media.map(closedMedia) : [ours];
  media[place] = ours;
  const description = localDescription(local, media);
  return { text: writeSdp(description), description };
}
