import { Oscillator } from '../audio';
import { SipflowError } from '../common';
import { MAX_DIGITS, PAUSE_MS } from './digits';
import { COLUMN_HZ, KEYPAD, ROW_HZ } from './frequencies';

/** Peak of the row tone in dBFS; the column tone is louder, since lines damp higher frequencies more. */
const ROW_PEAK_DBFS = -12;
const COLUMN_PEAK_DBFS = -10;
/** Shorter pauses are not told apart by receivers (ITU-T Q.24). */
const MIN_GAP_MS = 40;
/** Ramps at the edges of a tone: short enough not to shorten it, long enough not to click. */
const RAMP_MS = 1;

/** Scratch of the thread, for one block of samples before they are shaped and rounded. */
const block = new Float64Array(512);

/**
 * Makes DTMF tones (ITU-T Q.23) as audio, exact to the sample. A flash (`!`) has no tone and is left out.
 * Nothing is allocated while generating.
 */
export class DtmfToneGenerator {
  readonly #oscillator: Oscillator;
  readonly #samplesPerMs: number;
  readonly #ramp: number;
  #digits = '';
  #position = 0;
  #toneSamples = 0;
  #gapSamples = 0;
  /** Length of the tone in the current stretch, and of tone and pause together. */
  #soundUntil = 0;
  #stretch = 0;
  #at = 0;

  /** @param sampleRate in Hz, at least 8000. */
  constructor(sampleRate: number) {
    this.#oscillator = new Oscillator(sampleRate, 2);
    this.#samplesPerMs = sampleRate / 1000;
    this.#ramp = Math.round(RAMP_MS * this.#samplesPerMs);
  }

  /** Whether tones or pauses are outstanding. */
  get active(): boolean {
    return this.#at < this.#stretch || this.#position < this.#digits.length;
  }

  /**
   * Begins with these digits; the last one has its pause too.
   *
   * @param digits as `normaliseDigits` returns them.
   * @param gapMs pause between digits, at least 40 ms.
   * @throws SipflowError CALL_STATE while other digits are being sent, BAD_DIGITS for what is no digit.
   */
  start(digits: string, toneMs: number, gapMs: number): void {
    if (this.active)
      throw new SipflowError('CALL_STATE', 'Digits are still being sent; wait until they are out.');
    const wrong = /[^0-9*#A-D,!]/u.exec(digits);
    if (wrong) throw new SipflowError('BAD_DIGITS', `"${wrong[0]}" is no DTMF digit.`);
    if (digits.length > MAX_DIGITS)
      throw new SipflowError('BAD_DIGITS', `Send at most ${MAX_DIGITS} digits at once.`);
    this.#digits = digits;
    this.#position = 0;
    this.#toneSamples = Math.round(toneMs * this.#samplesPerMs);
    this.#gapSamples = Math.round(Math.max(gapMs, MIN_GAP_MS) * this.#samplesPerMs);
  }

  /** Drops the digits not begun; a tone that sounds fades out, its pause remains. */
  stop(): void {
    this.#position = this.#digits.length;
    if (this.#at >= this.#soundUntil) return;
    this.#soundUntil = Math.min(this.#soundUntil, this.#at + this.#ramp);
    this.#stretch = this.#soundUntil + this.#gapSamples;
  }

  /** Writes the next `count` samples: tones, pauses, and silence when nothing is outstanding. */
  generate(output: Int16Array, offset = 0, count = output.length - offset): void {
    const end = offset + count;
    for (let at = offset; at < end;) {
      while (this.#at >= this.#stretch && this.#position < this.#digits.length) this.#next();
      const wanted = Math.min(end - at, block.length);
      at += this.#at < this.#soundUntil ? this.#sound(output, at, wanted) : this.#silence(output, at, wanted);
    }
    this.#oscillator.stabilise();
  }

  #next(): void {
    const digit = this.#digits[this.#position++];
    const key = KEYPAD.indexOf(digit);
    this.#at = 0;
    this.#soundUntil = key === -1 ? 0 : this.#toneSamples;
    this.#stretch = key === -1 ? 0 : this.#toneSamples + this.#gapSamples;
    if (digit === ',') this.#stretch = Math.round(PAUSE_MS * this.#samplesPerMs);
    if (key === -1) return;
    this.#oscillator.clear();
    this.#oscillator.voice(ROW_HZ[key >> 2], 32_768 * 10 ** (ROW_PEAK_DBFS / 20));
    this.#oscillator.voice(COLUMN_HZ[key & 3], 32_768 * 10 ** (COLUMN_PEAK_DBFS / 20));
  }

  /** Up to `wanted` samples of the tone; returns how many. */
  #sound(output: Int16Array, at: number, wanted: number): number {
    const count = Math.min(wanted, this.#soundUntil - this.#at);
    this.#oscillator.mix(block, count);
    for (let i = 0; i < count; i++) {
      const edge = Math.min(this.#at + i + 1, this.#soundUntil - this.#at - i);
      const gain = edge < this.#ramp ? edge / this.#ramp : 1;
      output[at + i] = Math.round(block[i] * gain);
    }
    this.#at += count;
    return count;
  }

  /** Up to `wanted` samples of the pause behind a tone, or of the silence behind the last one; returns how many. */
  #silence(output: Int16Array, at: number, wanted: number): number {
    const left = this.#stretch - this.#at;
    const count = left > 0 ? Math.min(wanted, left) : wanted;
    output.fill(0, at, at + count);
    if (left > 0) this.#at += count;
    return count;
  }
}
