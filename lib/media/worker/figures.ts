import { meanOpinionScore, mouthToEarMs } from '../quality';
import type { MediaParameters, MediaStatistics, VoipMetrics } from '../types';
import type { Inbound } from './receive/inbound';
import type { Outbound } from './send/outbound';

/** Sources of a session's statistics. */
export interface FigureSources {
  parameters: MediaParameters;
  outbound: Outbound;
  inbound: Inbound;
  rttMs: number | undefined;
  remote: VoipMetrics | undefined;
  skippedTicks: number;
  maxLagMs: number;
}

/** Statistics of a session. */
export function sessionStatistics(sources: FigureSources): MediaStatistics {
  const { outbound, inbound, rttMs, remote, skippedTicks, maxLagMs } = sources;
  const { sequences, playout } = inbound;
  const { counts } = playout;
  const { burstRatio } = playout.losses.figures(sources.parameters.ptimeMs);
  return {
    sent: { packets: outbound.packets, bytes: outbound.octets },
    received: {
      packets: sequences.received,
      bytes: inbound.bytes,
      lost: sequences.lost,
      late: counts.late,
      duplicates: sequences.duplicates,
      outOfOrder: sequences.outOfOrder,
      jitterMs: inbound.jitter.ms,
      jitterBufferMs: playout.delayMs,
      jitterBuffer: counts,
      discarded: inbound.discarded,
      burstRatio,
      clockDriftPpm: inbound.drift.ppm,
    },
    mos: opinionScore(sources),
    rttMs,
    remote,
    skippedTicks,
    maxLagMs,
    receivedLevelDbfs: inbound.monitor?.levelDbfs ?? -Infinity,
    receivedSilenceShare: inbound.monitor?.silenceShare,
    receivedClippings: inbound.monitor?.clippings ?? 0,
    ssrc: outbound.ssrc,
    remoteSsrc: inbound.remoteSsrc,
  };
}

function opinionScore({ parameters, inbound, rttMs }: FigureSources): number | undefined {
  const { ptimeMs, codec } = parameters;
  const { playout } = inbound;
  const { expected, lossShare, burstRatio } = playout.losses.figures(ptimeMs);
  if (expected === 0) return undefined;
  const delayMs = mouthToEarMs({ rttMs, jitterBufferMs: playout.delayMs, ptimeMs, codec: codec.name });
  return meanOpinionScore({
    lossShare,
    burstRatio,
    delayMs,
    concealment: playout.conceals,
    codec: codec.name,
  });
}
