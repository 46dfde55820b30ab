import { srtpPreference } from '../../sdp';
import { MediaHosts } from '../peer/media-hosts';
import type { MediaStun } from '../peer/media-stun';
import type { NegotiationOptions } from '../peer/negotiation';
import { rtpTimeoutMs } from '../peer/peer-watch';
import type { InstanceOptions } from '../types';

/** What an instance’s settings mean for the offers and answers of all its calls. */
export function negotiationOptions(
  instance: InstanceOptions,
  stun: MediaStun | undefined,
): NegotiationOptions {
  return {
    ports: { address: instance.bindAddress, portMin: instance.rtpPortMin, portMax: instance.rtpPortMax },
    ptimeMs: instance.ptime,
    stun,
    hosts: new MediaHosts(),
    ...(instance.srtp ? { srtp: instance.srtp } : {}),
    ...(instance.srtpSuites ? { srtpSuites: srtpPreference(instance.srtpSuites) } : {}),
    ...(instance.jitterBuffer ? { jitterBuffer: instance.jitterBuffer } : {}),
    rtpTimeoutMs: rtpTimeoutMs(instance),
    statisticsIntervalMs: (instance.statisticsInterval ?? 0) * 1000,
    ...(instance.concealment ? { concealment: instance.concealment } : {}),
  };
}
