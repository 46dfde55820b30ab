/** What the estimate of a stream's quality is made of. */
export interface QualityInput {
  /** Share of packets that did not come, 0–1. */
  lossShare: number;
  /** Mean length of loss bursts over that of random loss; 1 = random (ITU-T G.107, 7.5.4). */
  burstRatio: number;
  /** One-way delay from mouth to ear in milliseconds. */
  delayMs: number;
  /** Whether the listener's end conceals losses (ITU-T G.711 Appendix I or alike). */
  concealment: boolean;
}

/** Transmission rating with all default values of ITU-T G.107, 7.7. */
const BASE_RATING = 93.2;
/** Packet-loss robustness of G.711 (ITU-T G.113, Appendix I). */
const ROBUSTNESS = { concealed: 25.1, plain: 4.3 };

/**
 * Mean opinion score, 1–4.5, by the E-model (ITU-T G.107) on the narrow-band scale: what listeners would say
 * of G.711 with this loss and delay. Wide-band codecs are put on the same scale, without their bonus.
 */
export function meanOpinionScore(input: QualityInput): number {
  const lossPercent = Math.min(1, Math.max(0, input.lossShare)) * 100;
  const robustness = input.concealment ? ROBUSTNESS.concealed : ROBUSTNESS.plain;
  const lossImpairment = (95 * lossPercent) / (lossPercent / Math.max(1, input.burstRatio) + robustness);
  const rating = BASE_RATING - delayImpairment(input.delayMs) - lossImpairment;
  if (rating <= 0) return 1;
  return 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
}

/** Idd of ITU-T G.107, 7.4: delays up to 100 ms do not impair. */
function delayImpairment(delayMs: number): number {
  if (delayMs <= 100) return 0;
  const x = Math.log2(delayMs / 100);
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}
