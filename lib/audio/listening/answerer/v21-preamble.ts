import { LISTENING_RATE } from '../detector';

/** ITU-T V.21 channel 2: a one and a zero, Hz; 300 bits per second. */
const ONE_HZ = 1650;
const ZERO_HZ = 1850;
const BIT = LISTENING_RATE / 300;
/** Both frequencies repeat after this many samples, which makes one table for each. */
const PERIOD = 160;
/** Samples of a window: one bit. */
const WINDOW = Math.round(BIT);
/** Lengths of the six ones and of the one or two zeros of flags that follow each other, samples. */
const LEAST_ONES = 5 * BIT;
const MOST_ONES = 7 * BIT;
const LEAST_ZEROS = 0.5 * BIT;
const MOST_ZEROS = 2.7 * BIT;
/** Least share of the energy of a window that is in the stronger of the two. */
const LEAST_SHARE = 0.45;
/** Samples that may be unlike both frequencies, at the transitions. */
const MOST_UNLIKE = 40;
/** Least mean square: −50 dBFS. */
const LEAST_POWER = 32_768 ** 2 * 1e-5;

const tables = [ONE_HZ, ZERO_HZ].flatMap((hz) =>
  [Math.cos, Math.sin].map((wave) =>
    Float64Array.from({ length: PERIOD }, (_, i) => wave((2 * Math.PI * hz * i) / LISTENING_RATE)),
  ),
);
const [oneCos, oneSin, zeroCos, zeroSin] = tables;

/**
 * Counts the HDLC flags (01111110) with which a fax terminal begins what it sends (ITU-T T.30, 5.3.1: a second of them, at
 * 300 bits per second). Nothing is allocated after construction.
 */
export class V21Preamble {
  /** Flags up to now; what is none takes one away, since a lost packet makes a few. */
  flags = 0;
  readonly #window = new Float64Array(WINDOW);
  readonly #sums = new Float64Array(4);
  #energy = 0;
  #at = 0;
  #sample = 0;
  #isOne = false;
  #length = 0;
  #onesFit = false;
  #unlike = 0;

  push(pcm: Int16Array, offset: number, count: number): void {
    for (let i = offset; i < offset + count; i++) this.#add(pcm[i]);
  }

  #add(value: number): void {
    const sums = this.#sums;
    const old = this.#window[this.#at];
    const now = this.#sample % PERIOD;
    const before = (this.#sample + PERIOD - WINDOW) % PERIOD;
    sums[0] += value * oneCos[now] - old * oneCos[before];
    sums[1] += value * oneSin[now] - old * oneSin[before];
    sums[2] += value * zeroCos[now] - old * zeroCos[before];
    sums[3] += value * zeroSin[now] - old * zeroSin[before];
    this.#energy += value * value - old * old;
    this.#window[this.#at] = value;
    this.#at = (this.#at + 1) % WINDOW;
    this.#sample = (this.#sample + 1) % PERIOD;
    this.#decide(sums[0] ** 2 + sums[1] ** 2, sums[2] ** 2 + sums[3] ** 2);
  }

  #decide(one: number, zero: number): void {
    const like = 2 * Math.max(one, zero) >= LEAST_SHARE * WINDOW * this.#energy;
    this.#unlike = like && this.#energy >= LEAST_POWER * WINDOW ? 0 : this.#unlike + 1;
    if (this.#unlike > MOST_UNLIKE) {
      if (this.#unlike === MOST_UNLIKE + 1) this.#miss();
      this.#onesFit = false;
      this.#length = 0;
      return;
    }
    this.#length++;
    if (one > zero === this.#isOne) return;
    this.#endSymbol();
    this.#isOne = one > zero;
    this.#length = 0;
  }

  #endSymbol(): void {
    if (this.#isOne) {
      this.#onesFit = this.#length >= LEAST_ONES && this.#length <= MOST_ONES;
      if (!this.#onesFit) this.#miss();
      return;
    }
    if (this.#onesFit && this.#length >= LEAST_ZEROS && this.#length <= MOST_ZEROS) this.flags++;
    else this.#miss();
  }

  #miss(): void {
    if (this.flags > 0) this.flags--;
  }
}
