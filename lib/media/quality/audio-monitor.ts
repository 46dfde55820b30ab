import { DEFAULTS } from '../../common';

const FULL_SCALE = 32768;
/** The smallest step of A-law, whose silence is not zero but inaudible. */
const INAUDIBLE = 8;
/** Length of the stretches that are classed as loud or silent. */
const STRETCH_MS = 10;
/** Samples in a row at full scale that are clipping; one alone may be a peak that just fits. */
const CLIPPED_IN_A_ROW = 3;
/** Largest magnitudes that the codecs can decode to (ITU-T G.711: 32124 for µ-law, 32256 for A-law). */
const CEILING = 32124;

/**
 * Level, share of silence and clipping of received or sent audio, measured frame by frame without allocation.
 * 0 dBFS is a full-scale square wave; a full-scale sine has −3 dBFS.
 */
export class AudioMonitor {
  readonly #stretch: number;
  readonly #silentEnergy: number;
  #energy = 0;
  #samples = 0;
  #peak = 0;
  #stretchEnergy = 0;
  #stretchSamples = 0;
  #stretches = 0;
  #silentStretches = 0;
  #clippings = 0;
  #clippedSamples = 0;
  #inARow = 0;

  /**
   * @param sampleRate in Hz.
   * @param silenceLevelDbfs below which a stretch of 10 ms counts as silent.
   */
  constructor(sampleRate: number, silenceLevelDbfs: number = DEFAULTS.silenceLevel) {
    this.#stretch = Math.round((sampleRate * STRETCH_MS) / 1000);
    this.#silentEnergy = this.#stretch * (FULL_SCALE * 10 ** (silenceLevelDbfs / 20)) ** 2;
  }

  /** Begins a new measurement. */
  reset(): void {
    this.#energy = 0;
    this.#samples = 0;
    this.#peak = 0;
    this.#stretches = 0;
    this.#silentStretches = 0;
    this.#clippings = 0;
    this.#clippedSamples = 0;
    this.#stretchEnergy = 0;
    this.#stretchSamples = 0;
    this.#inARow = 0;
  }

  /**
   * Measures `count` samples from `offset` on.
   *
   * @param still all samples are the same, so that measuring one is enough.
   */
  accept(pcm: Int16Array, offset: number, count: number, still = false): void {
    const end = offset + count;
    for (let at = offset; at < end;) {
      const stop = Math.min(end, at + this.#stretch - this.#stretchSamples);
      if (still) this.#measureStill(pcm, at, stop);
      else this.#measure(pcm, at, stop);
      this.#stretchSamples += stop - at;
      if (this.#stretchSamples === this.#stretch) this.#closeStretch();
      at = stop;
    }
    this.#samples += count;
  }

  /** RMS level in dBFS; −Infinity when nothing but silence was measured. */
  get levelDbfs(): number {
    const energy = this.#energy + this.#stretchEnergy;
    return energy === 0 ? -Infinity : 10 * Math.log10(energy / Math.max(1, this.#samples) / FULL_SCALE ** 2);
  }

  /** Largest magnitude in dBFS; −Infinity for silence. */
  get peakDbfs(): number {
    return this.#peak <= INAUDIBLE ? -Infinity : 20 * Math.log10(this.#peak / FULL_SCALE);
  }

  /** Share of the time that was silent, 0–1; undefined before 10 ms. */
  get silenceShare(): number | undefined {
    return this.#stretches === 0 ? undefined : this.#silentStretches / this.#stretches;
  }

  /** Times that the audio was clipped: three or more samples in a row at the codec's limit. */
  get clippings(): number {
    return this.#clippings;
  }

  /** Samples within these clippings. */
  get clippedSamples(): number {
    return this.#clippedSamples;
  }

  /** Sums up in locals: fields, which would be read and written for each sample, take three times as long. */
  #measure(pcm: Int16Array, start: number, end: number): void {
    let energy = this.#stretchEnergy;
    let peak = 0;
    for (let i = start; i < end; i++) {
      const sample = pcm[i];
      const magnitude = sample < 0 ? -sample : sample;
      if (magnitude > INAUDIBLE) energy += sample * sample;
      if (magnitude > peak) peak = magnitude;
    }
    this.#stretchEnergy = energy;
    this.#noticePeak(peak, pcm, start, end);
  }

  #measureStill(pcm: Int16Array, start: number, end: number): void {
    const magnitude = Math.abs(pcm[start]);
    if (magnitude > INAUDIBLE) this.#stretchEnergy += magnitude * magnitude * (end - start);
    this.#noticePeak(magnitude, pcm, start, end);
  }

  #noticePeak(peak: number, pcm: Int16Array, start: number, end: number): void {
    if (peak > this.#peak) this.#peak = peak;
    if (peak >= CEILING) this.#findClipping(pcm, start, end);
    else this.#inARow = 0;
  }

  #findClipping(pcm: Int16Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      if (Math.abs(pcm[i]) >= CEILING) this.#clip();
      else this.#inARow = 0;
    }
  }

  #clip(): void {
    this.#inARow++;
    if (this.#inARow === CLIPPED_IN_A_ROW) {
      this.#clippings++;
      this.#clippedSamples += CLIPPED_IN_A_ROW;
    } else if (this.#inARow > CLIPPED_IN_A_ROW) {
      this.#clippedSamples++;
    }
  }

  #closeStretch(): void {
    this.#stretches++;
    if (this.#stretchEnergy < this.#silentEnergy) this.#silentStretches++;
    this.#energy += this.#stretchEnergy;
    this.#stretchEnergy = 0;
    this.#stretchSamples = 0;
  }
}
