import { type CodecName, CODECS, COMMON_CODEC } from '../../audio';
import { codecImpairment } from './codec-impairment';

/** Input of the E-model for one stream. */
export interface QualityInput {
  /** Share of packets lost or discarded by the jitter buffer, 0–1. */
  lossShare: number;
  /** Mean length of loss bursts over that of random loss; 1 or undefined = random (ITU-T G.107, 7.5.4). */
  burstRatio?: number;
  /** One-way delay from mouth to ear in milliseconds; see `mouthToEarMs`. */
  delayMs: number;
  /** Whether the listener's end conceals losses (ITU-T G.711 Appendix I or alike). */
  concealment: boolean;
  /** Codec of the stream; undefined rates the path with G.711. */
  codec?: CodecName;
}

/** Result of the E-model. */
export interface Quality {
  /** Transmission rating factor R, 0–93.2 (ITU-T G.107, 7.1). */
  rating: number;
  /** Mean opinion score, 1–4.5 (ITU-T G.107, Annex B), on the narrow-band scale. */
  mos: number;
}

/** R with all parameters at their defaults (ITU-T G.107, 7.7): Ro 94.77, less 1.41 (Is) and 0.15 (listener echo). */
const BASE_RATING = 93.2;

/**
 * E-model rating of a stream (ITU-T G.107) with default terminals, no talker echo, and no advantage of
 * access: R = 93.2 − Idd − Ie,eff.
 */
export function estimateQuality(input: QualityInput): Quality {
  const { impairment, robustness } = codecImpairment(input.codec ?? COMMON_CODEC, input.concealment);
  const lossPercent = input.lossShare > 0 ? 100 * Math.min(1, input.lossShare) : 0;
  const burstRatio = Math.max(1, input.burstRatio ?? 1);
  const effective = impairment + ((95 - impairment) * lossPercent) / (lossPercent / burstRatio + robustness);
  const rating = Math.max(0, BASE_RATING - delayImpairment(input.delayMs) - effective);
  return { rating, mos: opinionScore(rating) };
}

/** Mean opinion score alone; see `estimateQuality`. */
export function meanOpinionScore(input: QualityInput): number {
  return estimateQuality(input).mos;
}

/** Parts of the mouth-to-ear delay, in milliseconds. */
export interface DelayParts {
  /** Round trip of the network from RTCP; without one, 0 is assumed. */
  rttMs?: number;
  /** Delay of the jitter buffer. */
  jitterBufferMs: number;
  /** Packet time: the first sample of a packet waits so long for the last one. */
  ptimeMs: number;
  codec: CodecName;
}

/** One-way delay for `estimateQuality`: half the round trip, one packet, the codec, the jitter buffer. */
export function mouthToEarMs(parts: DelayParts): number {
  return (parts.rttMs ?? 0) / 2 + parts.ptimeMs + CODECS[parts.codec].algorithmMs + parts.jitterBufferMs;
}

/** Idd of ITU-T G.107, 7.4: the impairment by delay alone; 0 up to 100 ms. */
function delayImpairment(delayMs: number): number {
  if (!(delayMs > 100)) return 0;
  const x = Math.log2(delayMs / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/** ITU-T G.107, B.4. Ratings below 6.5 would come out below 1 by the polynomial. */
function opinionScore(rating: number): number {
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}
