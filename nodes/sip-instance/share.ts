import type { PhoneOptions } from '../../lib/calls';
import type { Share } from '../shared/folders';

/**
 * The options of a phone in one of several processes that run the same flows: each has a part of its RTP ports; the
 * first one has its SIP port, unless each has an address of its own, and one of all has its registration.
 */
export function sharedOut(options: PhoneOptions, { index, count, source, registers }: Share): PhoneOptions {
  const pairs = Math.floor((options.rtpPortMax - options.rtpPortMin + 1) / 2 / count);
  const rtpPortMin = options.rtpPortMin + 2 * pairs * index;
  const shared: PhoneOptions =
    count === 1 || pairs === 0
      ? { ...options }
      : { ...options, rtpPortMin, rtpPortMax: rtpPortMin + 2 * pairs - 1 };
  if (options.mode === 'simulation') return shared;
  if (source !== undefined) shared.bindAddress = source;
  if (registers === false) shared.register = false;
  if (index > 0 && source === undefined) shared.port = 0;
  return shared;
}
