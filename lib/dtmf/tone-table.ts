import { COLUMN_HZ, ROW_HZ } from './frequencies';

/** Half a block: 51 samples at 8 kHz, so that a block of 102 resolves the 73 Hz between the lower rows. */
export const HOP_MS = 51 / 8;

/** Goertzel coefficients and phases of the eight tones at a sample rate; arrays are per tone, rows first. */
export interface ToneTable {
  /** Samples of a half block. */
  readonly hop: number;
  readonly coefficient: Float64Array;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  /** Rotation by the phase that a tone advances in one half block: e^(j·ω·hop). */
  readonly turnRe: Float64Array;
  readonly turnIm: Float64Array;
  /** The phase that a tone advances in one half, in radians. */
  readonly phasePerHop: Float64Array;
}

const tables = new Map<number, ToneTable>();

/**
 * The one table for all calls of a sample rate, of which there are as many as codecs: it stays in the CPU's cache.
 *
 * @param sampleRate in Hz.
 */
export function toneTable(sampleRate: number): ToneTable {
  let table = tables.get(sampleRate);
  if (!table) {
    table = makeTable(sampleRate);
    tables.set(sampleRate, table);
  }
  return table;
}

function makeTable(sampleRate: number): ToneTable {
  const hop = Math.round((HOP_MS * sampleRate) / 1000);
  const perTone = (value: (omega: number) => number): Float64Array =>
    Float64Array.from([...ROW_HZ, ...COLUMN_HZ], (hz) => value((2 * Math.PI * hz) / sampleRate));
  return {
    hop,
    coefficient: perTone((omega) => 2 * Math.cos(omega)),
    cos: perTone(Math.cos),
    sin: perTone(Math.sin),
    turnRe: perTone((omega) => Math.cos(omega * hop)),
    turnIm: perTone((omega) => Math.sin(omega * hop)),
    phasePerHop: perTone((omega) => omega * hop),
  };
}
