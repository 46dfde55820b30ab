import { decodePcma, decodePcmu, encodePcma, encodePcmu } from '../../lib/audio/g711';
import { COLUMN_HZ, KEYPAD, ROW_HZ } from '../../lib/dtmf/frequencies';

export const RATE = 8000;
/** Peak of a sine of 0 dBm0, which G.711 has 3.14 dB below full scale. */
const ZERO_DBM0 = 32_768 * 10 ** (-3.14 / 20);

/** Signal of a row of key presses. */
export interface Press {
  toneMs?: number;
  gapMs?: number;
  /** Relative error of the frequencies. */
  row?: number;
  column?: number;
  /** Level of the louder tone, dBm0. */
  dbm0?: number;
  /** Twist: level of the column tone over that of the row tone, dB. */
  twistDb?: number;
  /** Signal to noise, dB, in 4 kHz. */
  snrDb?: number;
  /** Tones that sound all the time, each at `underDbm0`. */
  under?: readonly number[];
  underDbm0?: number;
  law?: 'A' | 'µ';
}

/** Peak of a sine of so many dBm0. */
export function amplitudeOf(dbm0: number): number {
  return ZERO_DBM0 * 10 ** (dbm0 / 20);
}

/** Presses, each at another position against the detector's blocks and in another phase. */
export function presses(keys: string, press: Press, seed = 1): Int16Array {
  const { toneMs = 40, gapMs = 40, row = 0, column = 0, dbm0 = -9, twistDb = 0 } = press;
  const tone = Math.round((toneMs * RATE) / 1000);
  const gap = Math.round((gapMs * RATE) / 1000);
  const lead = RATE / 4;
  const samples = new Float64Array(2 * lead + keys.length * (tone + gap + 51));
  const rowAmplitude = amplitudeOf(dbm0 - Math.max(0, twistDb));
  const columnAmplitude = amplitudeOf(dbm0 + Math.min(0, twistDb));
  let at = lead;
  [...keys].forEach((digit, index) => {
    const key = KEYPAD.indexOf(digit);
    const rowStep = (2 * Math.PI * ROW_HZ[key >> 2] * (1 + row)) / RATE;
    const columnStep = (2 * Math.PI * COLUMN_HZ[key & 3] * (1 + column)) / RATE;
    for (let n = 0; n < tone; n++) {
      samples[at + n] =
        rowAmplitude * Math.sin(rowStep * n + (1.3 + seed) * index) +
        columnAmplitude * Math.sin(columnStep * n + (2.1 + seed) * index);
    }
    at += tone + gap + ((index * 7 + seed) % 51);
  });
  addTones(samples, press, seed);
  if (press.snrDb !== undefined) addNoise(samples, press.snrDb, rowAmplitude, columnAmplitude, seed);
  return through(Int16Array.from(samples, clip), press.law);
}

/** Samples after G.711 coding by a line; unchanged without a law. */
export function through(samples: Int16Array, law?: 'A' | 'µ'): Int16Array {
  if (!law) return samples;
  const coded = new Uint8Array(samples.length);
  const decoded = new Int16Array(samples.length);
  if (law === 'A') {
    encodePcma(samples, coded);
    decodePcma(coded, decoded);
  } else {
    encodePcmu(samples, coded);
    decodePcmu(coded, decoded);
  }
  return decoded;
}

/** The samples played faster (`speed` above 1), which moves all frequencies, and louder. */
export function changed(samples: Int16Array, speed: number, gainDb: number): Int16Array {
  const gain = 10 ** (gainDb / 20);
  if (speed === 1) return samples.map((sample) => clip(sample * gain));
  const output = new Int16Array(Math.floor((samples.length - 4) / speed));
  for (let i = 0; i < output.length; i++) {
    const position = 1 + i * speed;
    const k = Math.floor(position);
    const u = position - k;
    const [a, b, c, d] = [samples[k - 1], samples[k], samples[k + 1], samples[k + 2]];
    const value = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
    output[i] = clip(value * gain);
  }
  return output;
}

function addTones(samples: Float64Array, { under = [], underDbm0 = -15 }: Press, seed: number): void {
  under.forEach((hz, index) => {
    const step = (2 * Math.PI * hz) / RATE;
    for (let n = 0; n < samples.length; n++) {
      samples[n] += amplitudeOf(underDbm0) * Math.sin(step * n + (index + 1) * (seed + 0.7));
    }
  });
}

function addNoise(samples: Float64Array, snrDb: number, row: number, column: number, seed: number): void {
  const rms = Math.sqrt((row * row + column * column) / 2) * 10 ** (-snrDb / 20);
  const random = mulberry(seed);
  for (let n = 0; n < samples.length; n++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    samples[n] += rms * radius * Math.cos(2 * Math.PI * random());
  }
}

/** A generator of numbers from 0 to 1 that are the same in every run. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
