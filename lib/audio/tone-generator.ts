import { SipflowError } from '../common';
import { Oscillator } from './oscillator';
import type { ToneSegment, ToneSpec } from './tones';

/** Default level of generated tones, RMS of the sum of their frequencies. */
export const TONE_LEVEL_DBFS = -12;
/** Length of the raised-cosine ramps that keep the edges of a tone free of clicks. */
const RAMP_MS = 5;
/** Four frequencies; one that is modulated takes three. */
const MAX_VOICES = 4;

/** Scratch of the thread, for one block of samples before they are shaped and rounded. */
const block = new Float64Array(512);

/** Plays a tone for ever; sample-exact cadence, no clicks, no allocation while generating. */
export class ToneGenerator {
  readonly #oscillator: Oscillator;
  readonly #segments: ToneSpec;
  readonly #amplitude: number;
  readonly #samplesPerMs: number;
  readonly #ramp: Float64Array;
  #index = -1;
  #onSamples = 0;
  #offSamples = 0;
  /** Position in the segment; its tone comes first. */
  #position = 0;
  #rampSamples = 0;
  #edge = 0;
  /** Nominal end of the current segment in milliseconds, so that rounding never adds up. */
  #elapsedMs = 0;
  #elapsedSamples = 0;

  /**
   * @param sampleRate in Hz.
   * @param levelDbfs RMS level while it sounds.
   * @throws SipflowError BAD_AUDIO when a frequency does not fit below half the sample rate.
   */
  constructor(spec: ToneSpec, sampleRate: number, levelDbfs = TONE_LEVEL_DBFS) {
    for (const frequency of spec.flatMap(highest)) {
      if (frequency >= sampleRate / 2) {
        throw new SipflowError(
          'BAD_AUDIO',
          `A tone of ${frequency} Hz does not fit into a call of ${sampleRate} Hz; choose one below ${sampleRate / 2} Hz.`,
        );
      }
    }
    this.#segments = spec;
    this.#amplitude = 32_768 * Math.SQRT2 * 10 ** (levelDbfs / 20);
    this.#samplesPerMs = sampleRate / 1000;
    this.#oscillator = new Oscillator(sampleRate, MAX_VOICES);
    this.#ramp = raisedCosine(Math.round(RAMP_MS * this.#samplesPerMs));
    this.#enterNextSegment();
  }

  /** Writes the next `count` samples. */
  generate(output: Int16Array, offset = 0, count = output.length - offset): void {
    const end = offset + count;
    for (let at = offset; at < end;) {
      while (this.#position >= this.#onSamples + this.#offSamples) this.#enterNextSegment();
      const wanted = Math.min(end - at, block.length);
      at +=
        this.#position < this.#onSamples ? this.#sound(output, at, wanted) : this.#pause(output, at, wanted);
    }
    this.#oscillator.stabilise();
  }

  /** Up to `wanted` samples of the tone; returns how many. */
  #sound(output: Int16Array, at: number, wanted: number): number {
    const left = this.#onSamples - this.#position;
    const count = left < wanted ? left : wanted;
    this.#oscillator.mix(block, count);
    this.#shapeEdges(count);
    for (let i = 0; i < count; i++)
      output[at + i] = Math.max(-32_768, Math.min(32_767, Math.round(block[i])));
    this.#position += count;
    return count;
  }

  /** Fades the samples of the block in or out that lie at an edge of the tone. */
  #shapeEdges(count: number): void {
    const start = this.#position;
    const length = this.#edge;
    const last = this.#onSamples - 1;
    if (start >= length && last - (start + count - 1) >= length) return;
    for (let i = 0; i < count; i++) {
      const edge = Math.min(start + i, last - start - i);
      if (edge < length) block[i] *= this.#ramp[Math.floor((edge * this.#rampSamples) / length)];
    }
  }

  /** Up to `wanted` samples of the pause behind the tone; returns how many. */
  #pause(output: Int16Array, at: number, wanted: number): number {
    const left = this.#onSamples + this.#offSamples - this.#position;
    const count = left < wanted ? left : wanted;
    output.fill(0, at, at + count);
    this.#position += count;
    return count;
  }

  #enterNextSegment(): void {
    this.#index = (this.#index + 1) % this.#segments.length;
    const segment = this.#segments[this.#index];
    const { onMs, offMs } = segment;
    this.#oscillator.clear();
    this.#addVoices(segment);
    this.#elapsedMs += onMs;
    this.#onSamples = this.#samplesUntil(this.#elapsedMs);
    this.#elapsedMs += offMs;
    this.#offSamples = this.#samplesUntil(this.#elapsedMs);
    this.#position = 0;
    this.#rampSamples = this.#ramp.length;
    this.#edge = Math.min(this.#rampSamples, Math.floor(this.#onSamples / 2));
  }

  #addVoices({ frequencies, modulationHz }: ToneSegment): void {
    // A carrier of amplitude 1 that is modulated wholly has two side tones of 1/2, and 1.5 times the power.
    const power = frequencies.length * (modulationHz === undefined ? 1 : 1.5);
    const amplitude = this.#amplitude / Math.sqrt(power);
    for (const frequency of frequencies) {
      this.#oscillator.voice(frequency, amplitude);
      if (modulationHz === undefined) continue;
      this.#oscillator.voice(frequency - modulationHz, amplitude / 2);
      this.#oscillator.voice(frequency + modulationHz, amplitude / 2);
    }
  }

  /** Samples from the end of the last stretch to this moment. */
  #samplesUntil(ms: number): number {
    if (ms === Infinity) return Infinity;
    const samples = Math.round(ms * this.#samplesPerMs) - this.#elapsedSamples;
    this.#elapsedSamples += samples;
    return samples;
  }
}

/** The frequencies of a segment, with the upper side tone of a modulated one. */
function highest({ frequencies, modulationHz = 0 }: ToneSegment): number[] {
  return frequencies.map((frequency) => frequency + modulationHz);
}

function raisedCosine(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / length));
}
