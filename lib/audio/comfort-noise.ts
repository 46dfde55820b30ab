/** The lowest level that RFC 3389 can name, in dB below overload. */
const LOWEST_LEVEL = 127;
/** White noise between −1 and 1 has an RMS of 1/√3. */
const PEAK_OF_RMS = Math.sqrt(3);
const FULL_SCALE = 32_768;

/**
 * Comfort noise (RFC 3389): white noise of the level that the peer named. Its spectral parameters, which follow
 * the level, are left out, as the RFC permits (4.1). Nothing is allocated.
 */
export class ComfortNoise {
  #peak = 0;
  #state = 0x2545f491;

  /**
   * Takes the level of a packet: −0 to −127 dBov in the lower seven bits of its first byte; an empty one says
   * nothing.
   */
  accept(payload: Uint8Array, offset: number, length: number): void {
    if (length > 0) this.#setLevel(payload[offset] & LOWEST_LEVEL);
  }

  /** Stops the noise: silence until the next level. */
  stop(): void {
    this.#peak = 0;
  }

  /** Writes `count` samples of noise, or of silence. */
  fill(pcm: Int16Array, count: number): void {
    if (this.#peak < 1) {
      pcm.fill(0, 0, count);
      return;
    }
    for (let index = 0; index < count; index++) {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) | 0;
      pcm[index] = ((this.#state >> 8) / 0x80_0000) * this.#peak;
    }
  }

  /** 0 dBov is the RMS of a full-scale square wave; noise cannot be louder than its peak. */
  #setLevel(level: number): void {
    const rms = FULL_SCALE * 10 ** (-level / 20);
    this.#peak = level === LOWEST_LEVEL ? 0 : Math.min(FULL_SCALE - 1, rms * PEAK_OF_RMS);
  }
}
