import { DEFAULTS } from '../../common';
import { Cells, InCells, memory } from '../memory/cells';

const FULL_SCALE = 32768;
/** The smallest step of A-law, whose silence is not zero but inaudible. */
const INAUDIBLE = 8;
/** Length of the stretches that are classed as loud or silent. */
const STRETCH_MS = 10;
/** Samples in a row at full scale that are clipping; one alone may be a peak that just fits. */
const CLIPPED_IN_A_ROW = 3;
/** Largest magnitudes that the codecs can decode to (ITU-T G.711: 32124 for µ-law, 32256 for A-law). */
const CEILING = 32124;

/** Numbers: energies, and all samples. Words: the open stretch, and counts. */
const ENERGY = 0;
const STRETCH_ENERGY = 1;
const SILENT_ENERGY = 2;
const SAMPLES = 3;
const STRETCH = 8;
const STRETCH_SAMPLES = 9;
const STRETCHES = 10;
const SILENT_STRETCHES = 11;
const PEAK = 12;
const IN_A_ROW = 13;
const CLIPPINGS = 14;
const CLIPPED_SAMPLES = 15;
export const MONITOR_CELLS = 8;

/**
 * Level, share of silence and clipping of received or sent audio, measured frame by frame without allocation.
 * 0 dBFS is a full-scale square wave; a full-scale sine has −3 dBFS.
 */
export class AudioMonitor extends InCells {
  /**
   * @param sampleRate in Hz.
   * @param silenceLevelDbfs below which a stretch of 10 ms counts as silent.
   */
  constructor(
    sampleRate: number,
    silenceLevelDbfs: number = DEFAULTS.silenceLevel,
    cells = new Cells(MONITOR_CELLS),
    place = 0,
  ) {
    super(cells, place);
    const stretch = Math.round((sampleRate * STRETCH_MS) / 1000);
    memory.words[2 * this.at + STRETCH] = stretch;
    memory.numbers[this.at + SILENT_ENERGY] = stretch * (FULL_SCALE * 10 ** (silenceLevelDbfs / 20)) ** 2;
  }

  /** Begins a new measurement. */
  reset(): void {
    const { numbers, words } = memory;
    for (const number of [ENERGY, STRETCH_ENERGY, SAMPLES]) numbers[this.at + number] = 0;
    words.fill(0, 2 * this.at + STRETCH_SAMPLES, 2 * this.at + CLIPPED_SAMPLES + 1);
  }

  /** As `measureAudio`. */
  accept(pcm: Int16Array, offset: number, count: number, still = false): void {
    measureAudio(this.at, pcm, offset, count, still);
  }

  /** RMS level in dBFS; −Infinity when nothing but silence was measured. */
  get levelDbfs(): number {
    const { numbers } = memory;
    const energy = numbers[this.at + ENERGY] + numbers[this.at + STRETCH_ENERGY];
    const samples = Math.max(1, numbers[this.at + SAMPLES]);
    return energy === 0 ? -Infinity : 10 * Math.log10(energy / samples / FULL_SCALE ** 2);
  }

  /** Largest magnitude in dBFS; −Infinity for silence. */
  get peakDbfs(): number {
    const peak = memory.words[2 * this.at + PEAK];
    return peak <= INAUDIBLE ? -Infinity : 20 * Math.log10(peak / FULL_SCALE);
  }

  /** Share of the time that was silent, 0–1; undefined before 10 ms. */
  get silenceShare(): number | undefined {
    const { words } = memory;
    const stretches = words[2 * this.at + STRETCHES];
    return stretches === 0 ? undefined : words[2 * this.at + SILENT_STRETCHES] / stretches;
  }

  /** Times that the audio was clipped: three or more samples in a row at the codec's limit. */
  get clippings(): number {
    return memory.words[2 * this.at + CLIPPINGS];
  }

  /** Samples within these clippings. */
  get clippedSamples(): number {
    return memory.words[2 * this.at + CLIPPED_SAMPLES];
  }
}

/**
 * Measures `count` samples from `offset` on.
 *
 * @param at cells of the monitor.
 * @param still all samples are the same, so that measuring one is enough.
 */
export function measureAudio(
  at: number,
  pcm: Int16Array,
  offset: number,
  count: number,
  still: boolean,
): void {
  const { numbers, words } = memory;
  const stretch = words[2 * at + STRETCH];
  const end = offset + count;
  for (let from = offset; from < end;) {
    const stop = Math.min(end, from + stretch - words[2 * at + STRETCH_SAMPLES]);
    if (still) measureStill(at, pcm, from, stop);
    else measure(at, pcm, from, stop);
    words[2 * at + STRETCH_SAMPLES] += stop - from;
    if (words[2 * at + STRETCH_SAMPLES] === stretch) closeStretch(at);
    from = stop;
  }
  numbers[at + SAMPLES] += count;
}

/** Sums up in locals: cells, which would be read and written for each sample, take three times as long. */
function measure(at: number, pcm: Int16Array, start: number, end: number): void {
  let energy = 0;
  let peak = 0;
  for (let i = start; i < end; i++) {
    const sample = pcm[i];
    const magnitude = sample < 0 ? -sample : sample;
    if (magnitude > INAUDIBLE) energy += sample * sample;
    if (magnitude > peak) peak = magnitude;
  }
  memory.numbers[at + STRETCH_ENERGY] += energy;
  noticePeak(at, peak, pcm, start, end);
}

function measureStill(at: number, pcm: Int16Array, start: number, end: number): void {
  const magnitude = Math.abs(pcm[start]);
  if (magnitude > INAUDIBLE) memory.numbers[at + STRETCH_ENERGY] += magnitude * magnitude * (end - start);
  noticePeak(at, magnitude, pcm, start, end);
}

function noticePeak(at: number, peak: number, pcm: Int16Array, start: number, end: number): void {
  const { words } = memory;
  if (peak > words[2 * at + PEAK]) words[2 * at + PEAK] = peak;
  if (peak >= CEILING) findClipping(at, pcm, start, end);
  else words[2 * at + IN_A_ROW] = 0;
}

function findClipping(at: number, pcm: Int16Array, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    if (Math.abs(pcm[i]) >= CEILING) clip(at);
    else memory.words[2 * at + IN_A_ROW] = 0;
  }
}

function clip(at: number): void {
  const { words } = memory;
  const inARow = ++words[2 * at + IN_A_ROW];
  if (inARow === CLIPPED_IN_A_ROW) {
    words[2 * at + CLIPPINGS]++;
    words[2 * at + CLIPPED_SAMPLES] += CLIPPED_IN_A_ROW;
  } else if (inARow > CLIPPED_IN_A_ROW) {
    words[2 * at + CLIPPED_SAMPLES]++;
  }
}

function closeStretch(at: number): void {
  const { numbers, words } = memory;
  words[2 * at + STRETCHES]++;
  if (numbers[at + STRETCH_ENERGY] < numbers[at + SILENT_ENERGY]) words[2 * at + SILENT_STRETCHES]++;
  numbers[at + ENERGY] += numbers[at + STRETCH_ENERGY];
  numbers[at + STRETCH_ENERGY] = 0;
  words[2 * at + STRETCH_SAMPLES] = 0;
}
