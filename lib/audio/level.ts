/** Digital full scale of 16-bit samples: 0 dBFS. */
const FULL_SCALE = 32_768;

/**
 * Level of 16-bit audio, measured as it goes by. 0 dBFS is a full-scale square wave, so a full-scale sine has
 * −3 dBFS RMS and 0 dBFS peak. Nothing is allocated.
 */
export class LevelMeter {
  #sumOfSquares = 0;
  #samples = 0;
  #peak = 0;

  /** Adds `count` samples from `offset` on. */
  add(samples: Int16Array, offset = 0, count = samples.length - offset): void {
    let sum = 0;
    let peak = this.#peak;
    for (let i = offset; i < offset + count; i++) {
      const sample = samples[i];
      sum += sample * sample;
      const magnitude = sample < 0 ? -sample : sample;
      if (magnitude > peak) peak = magnitude;
    }
    this.#sumOfSquares += sum;
    this.#samples += count;
    this.#peak = peak;
  }

  /** Starts a new measurement. */
  reset(): void {
    this.#sumOfSquares = 0;
    this.#samples = 0;
    this.#peak = 0;
  }

  /** Samples since the measurement began. */
  get samples(): number {
    return this.#samples;
  }

  /** RMS level in dBFS; −Infinity for digital silence and when nothing was measured. */
  get rmsDbfs(): number {
    return this.#samples === 0
      ? -Infinity
      : 10 * Math.log10(this.#sumOfSquares / this.#samples / FULL_SCALE ** 2);
  }

  /** Largest magnitude in dBFS; −Infinity for digital silence. */
  get peakDbfs(): number {
    return 20 * Math.log10(this.#peak / FULL_SCALE);
  }
}

/** RMS level of samples in dBFS; see `LevelMeter`. */
export function rmsDbfs(samples: Int16Array, offset = 0, count = samples.length - offset): number {
  const meter = new LevelMeter();
  meter.add(samples, offset, count);
  return meter.rmsDbfs;
}
