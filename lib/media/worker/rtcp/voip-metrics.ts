import { JITTER_BUFFER_DEFAULTS } from '../../jitter-buffer/options';
import { estimateQuality, mouthToEarMs } from '../../quality';
import type { MediaParameters } from '../../types';
import type { Inbound } from '../receive/inbound';
import type { OwnVoipMetrics } from './xr';

/** VoIP metrics of the received stream for an XR packet (RFC 3611, 4.7); undefined before any audio was played. */
export function measureVoipMetrics(
  inbound: Inbound,
  parameters: MediaParameters,
  rttMs: number | undefined,
): OwnVoipMetrics | undefined {
  const { playout, sequences } = inbound;
  const { ptimeMs, codec, jitterBuffer = { mode: 'adaptive' } } = parameters;
  const losses = playout.losses.figures(ptimeMs);
  if (losses.expected === 0 || sequences.expected === 0) return undefined;
  const { late, discarded } = playout.counts;
  const { lossShare, burstRatio, burstDensity, gapDensity, burstMs, gapMs } = losses;
  const path = { jitterBufferMs: playout.delayMs, ptimeMs, codec: codec.name };
  const rate = (delayMs: number): ReturnType<typeof estimateQuality> =>
    estimateQuality({ lossShare, burstRatio, delayMs, concealment: playout.conceals, codec: codec.name });
  const conversation = rate(mouthToEarMs({ ...path, rttMs }));
  const neverCame = Math.min(1, sequences.lost / sequences.expected);
  const adaptive = jitterBuffer.mode === 'adaptive';
  return {
    lossShare: neverCame,
    discardShare: Math.min(1 - neverCame, (late + discarded) / sequences.expected),
    burstDensity,
    gapDensity,
    burstMs,
    gapMs,
    rttMs,
    endSystemDelayMs: mouthToEarMs(path),
    rating: conversation.rating,
    mosListening: rate(0).mos,
    mosConversational: conversation.mos,
    jitterBufferMs: playout.delayMs,
    jitterBufferMaxMs: adaptive
      ? (jitterBuffer.maxDelayMs ?? JITTER_BUFFER_DEFAULTS.maxDelayMs)
      : playout.delayMs,
    conceals: playout.conceals,
    adaptive,
  };
}
