/** Frequency range of the tones: dial, ringing and busy tones of all countries lie below the lowest row. */
const LOWEST_HZ = 300;
const HIGHEST_HZ = 650;
const MAX_TONES = 2;
/** Steps of the search in a bin of the history. */
const STEPS_PER_BIN = 2;
/** Rounds in which each tone is found anew without the other. */
const ROUNDS = 4;
/** Part of the history's energy that the tones must explain; the rest is noise. */
const MIN_EXPLAINED = 0.3;
/** Least part of the energy in a second tone. */
const MIN_TONE = 0.04;
/** Least part of the energy in the first tone; with less there is no steady tone. */
const MIN_FIRST_TONE = 0.15;
/** Longest history, in samples: 32 ms at 48 kHz. */
const MAX_HISTORY = 1536;

// Scratch of the thread, used within one call.
const rest = new Float64Array(MAX_HISTORY);
const found = new Float64Array(2);
const powers = new Float64Array(3);
const fours = new Float64Array(4);

/**
 * One or two tones that sound steadily, as a dial tone does under digits. They are learned from a piece of audio before
 * a digit and continued from there, which cancels them in the audio that follows as long as frequency, level and phase
 * stay the same. Those of speech do not, so it is not cancelled.
 */
export class SteadyTones {
  /** Of each tone: radians per sample, and the amplitudes of cosine and sine at the first sample of the history. */
  readonly #omega = new Float64Array(MAX_TONES);
  readonly #cos = new Float64Array(MAX_TONES);
  readonly #sin = new Float64Array(MAX_TONES);
  #count = 0;
  #length = 0;

  /**
   * Takes a history to learn from, which stays until the next call of any instance.
   *
   * @param ring samples
   * @param start where the oldest sample of the history is
   * @param count its length, 30 ms or more; false when that is too long
   */
  load(ring: Int16Array, start: number, count: number): boolean {
    this.#count = 0;
    this.#length = count;
    if (count > MAX_HISTORY) return false;
    for (let n = 0; n < count; n++) {
      const at = start + n;
      rest[n] = ring[at < ring.length ? at : at - ring.length];
    }
    return true;
  }

  /** Squared amplitude of one frequency in the loaded history, which is in radians per sample. */
  powerAt(omega: number): number {
    correlate(rest, this.#length, omega);
    return (found[0] ** 2 + found[1] ** 2) * (2 / this.#length) ** 2;
  }

  /**
   * Learns the tones of the loaded history; false when it has none that are worth it.
   *
   * @param sampleRate in Hz
   */
  learn(sampleRate: number): boolean {
    const count = this.#length;
    let energy = 0;
    for (let n = 0; n < count; n++) energy += rest[n] * rest[n];
    const bin = (2 * Math.PI) / count;
    while (this.#count < MAX_TONES) {
      const tone = this.#count++;
      this.#omega[tone] = strongest(count, sampleRate);
      this.#refine(tone, count, bin / 2, 2);
      const explained = this.#takeOut(tone, count);
      if (tone === 0 && explained < MIN_FIRST_TONE * energy) return false;
      if (explained < MIN_TONE * energy) {
        this.#putBack(tone, count);
        this.#count--;
        break;
      }
    }
    for (let round = 0; round < ROUNDS && this.#count > 1; round++) {
      for (let tone = 0; tone < this.#count; tone++) {
        this.#putBack(tone, count);
        this.#refine(tone, count, bin / 4, 1);
        this.#takeOut(tone, count);
      }
    }
    let left = 0;
    for (let n = 0; n < count; n++) left += rest[n] * rest[n];
    return this.#count > 0 && left <= (1 - MIN_EXPLAINED) * energy;
  }

  /**
   * Copies samples without the tones.
   *
   * @param ring samples
   * @param start where the first of them is
   * @param count how many
   * @param since how many samples after the first of the history it comes
   */
  takeOutOf(ring: Int16Array, start: number, count: number, since: number, output: Int16Array): void {
    for (let n = 0; n < count; n++) {
      const at = start + n;
      rest[n] = ring[at < ring.length ? at : at - ring.length];
    }
    for (let tone = 0; tone < this.#count; tone++) this.#add(tone, count, since, -1, rest);
    // Whole numbers without Math.round; a failed prediction may exceed 16 bits, but is not used then.
    for (let n = 0; n < count; n++) output[n] = rest[n] | 0;
  }

  /** Moves a tone to the peak of the spectrum near it by a parabola through three powers, and by narrower ones. */
  #refine(tone: number, count: number, width: number, passes: number): void {
    let step = width;
    for (let pass = 0; pass < passes; pass++) {
      const omega = this.#omega[tone];
      for (let i = 0; i < 3; i++) {
        correlate(rest, count, omega + (i - 1) * step);
        powers[i] = found[0] * found[0] + found[1] * found[1];
      }
      const curve = powers[0] - 2 * powers[1] + powers[2];
      const shift = curve < 0 ? (0.5 * (powers[0] - powers[2])) / curve : Math.sign(powers[2] - powers[0]);
      this.#omega[tone] = omega + Math.max(-1, Math.min(1, shift)) * step;
      step /= 3;
    }
  }

  /** Measures a tone in the rest and takes it out; returns its energy. */
  #takeOut(tone: number, count: number): number {
    correlate(rest, count, this.#omega[tone]);
    const cos = (2 / count) * found[0];
    const sin = (2 / count) * found[1];
    this.#cos[tone] = cos;
    this.#sin[tone] = sin;
    this.#add(tone, count, 0, -1, rest);
    return ((cos * cos + sin * sin) * count) / 2;
  }

  #putBack(tone: number, count: number): void {
    this.#add(tone, count, 0, 1, rest);
  }

  #add(tone: number, count: number, since: number, sign: number, target: Float64Array): void {
    const omega = this.#omega[tone];
    const turnRe = Math.cos(omega);
    const turnIm = Math.sin(omega);
    let re = sign * Math.cos(omega * since);
    let im = sign * Math.sin(omega * since);
    const cos = this.#cos[tone];
    const sin = this.#sin[tone];
    for (let n = 0; n < count; n++) {
      target[n] += cos * re + sin * im;
      const next = re * turnRe - im * turnIm;
      im = re * turnIm + im * turnRe;
      re = next;
    }
  }
}

/** The strongest frequency of the rest in the range of such tones, in radians per sample. */
function strongest(count: number, sampleRate: number): number {
  const step = (2 * Math.PI) / count / STEPS_PER_BIN;
  const last = (2 * Math.PI * HIGHEST_HZ) / sampleRate;
  let best = 0;
  let most = -1;
  for (let omega = (2 * Math.PI * LOWEST_HZ) / sampleRate; omega <= last; omega += 4 * step) {
    fourPowers(count, omega, step);
    for (let i = 0; i < 4; i++) {
      if (fours[i] <= most) continue;
      most = fours[i];
      best = omega + i * step;
    }
  }
  return best;
}

/** Powers of the rest at four frequencies, into `fours`: side by side, because one at a time would wait for itself. */
function fourPowers(count: number, omega: number, step: number): void {
  const c0 = 2 * Math.cos(omega);
  const c1 = 2 * Math.cos(omega + step);
  const c2 = 2 * Math.cos(omega + 2 * step);
  const c3 = 2 * Math.cos(omega + 3 * step);
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let n = 0; n < count; n++) {
    const sample = rest[n];
    const n0 = sample - b0 + c0 * a0;
    const n1 = sample - b1 + c1 * a1;
    const n2 = sample - b2 + c2 * a2;
    const n3 = sample - b3 + c3 * a3;
    b0 = a0;
    b1 = a1;
    b2 = a2;
    b3 = a3;
    a0 = n0;
    a1 = n1;
    a2 = n2;
    a3 = n3;
  }
  fours[0] = a0 * a0 + b0 * b0 - c0 * a0 * b0;
  fours[1] = a1 * a1 + b1 * b1 - c1 * a1 * b1;
  fours[2] = a2 * a2 + b2 * b2 - c2 * a2 * b2;
  fours[3] = a3 * a3 + b3 * b3 - c3 * a3 * b3;
}

/** Correlation with cosine and sine, into `found`: Goertzel's algorithm, backwards so that the phase is the first sample's. */
function correlate(samples: Float64Array, count: number, omega: number): void {
  const cos = Math.cos(omega);
  const coefficient = 2 * cos;
  let last = 0;
  let before = 0;
  for (let n = count - 1; n >= 0; n--) {
    const next = samples[n] + coefficient * last - before;
    before = last;
    last = next;
  }
  found[0] = last - before * cos;
  found[1] = before * Math.sin(omega);
}
