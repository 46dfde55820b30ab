import { type CodecName, CODECS } from '../../audio';

/** Impairment factors of a codec in the E-model (ITU-T G.107, 7.5). */
export interface CodecImpairment {
  /** Equipment impairment factor Ie without loss. */
  readonly impairment: number;
  /** Packet-loss robustness factor Bpl. */
  readonly robustness: number;
  /** Whether ITU-T G.113 gives the figures, or G.711's stand in for a codec that it does not rate on this scale. */
  readonly basis: 'G.113' | 'assumed';
}

/** Bpl of G.711 with and without the concealment of its Appendix I, for random loss (ITU-T G.113, Appendix I). */
const CONCEALED = 25.1;
const PLAIN = 4.3;

/**
 * Figures for a codec on the narrow-band scale. Wide-band codecs get those of G.711: their bonus belongs to the
 * other scale of ITU-T G.107.1, on which figures of different codecs could not be compared with these.
 *
 * @param concealment whether lost packets are concealed behind the decoder.
 */
export function codecImpairment(codec: CodecName, concealment: boolean): CodecImpairment {
  const { concealsItself, rated } = CODECS[codec];
  return {
    impairment: 0,
    robustness: concealment || concealsItself ? CONCEALED : PLAIN,
    basis: rated ? 'G.113' : 'assumed',
  };
}
