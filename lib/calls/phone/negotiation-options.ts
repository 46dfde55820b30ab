import { srtpPreference } from '../../sdp';
import { MediaHosts } from '../peer/media-hosts';
import type { MediaStun } from '../peer/media-stun';
import type { NegotiationOptions } from '../peer/negotiation';
import { rtpTimeoutMs } from '../peer/peer-watch';
import type { PhoneOptions } from '../types';

/** What a phone’s settings mean for the offers and answers of all its calls. */
export function negotiationOptions(phone: PhoneOptions, stun: MediaStun | undefined): NegotiationOptions {
  return {
    ports: { address: phone.bindAddress, portMin: phone.rtpPortMin, portMax: phone.rtpPortMax },
    ptimeMs: phone.ptime,
    stun,
    hosts: new MediaHosts(),
    ...(phone.srtp ? { srtp: phone.srtp } : {}),
    ...(phone.srtpSuites ? { srtpSuites: srtpPreference(phone.srtpSuites) } : {}),
    ...(phone.jitterBuffer ? { jitterBuffer: phone.jitterBuffer } : {}),
    rtpTimeoutMs: rtpTimeoutMs(phone),
    statisticsIntervalMs: (phone.statisticsInterval ?? 0) * 1000,
    ...(phone.concealment ? { concealment: phone.concealment } : {}),
  };
}
