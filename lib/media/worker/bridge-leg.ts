import { Resampler } from '../../audio/resampler';
import { AudioRing } from '../audio-ring';
import type { BridgeWiring } from '../protocol';
import { RateAdapter } from './rate-adapter';

/**
 * Audio that waits beyond one packet, so that the peer's uneven pace does not show: as much as a deadline may be
 * late without being skipped. It grows with each interruption.
 */
const FIRST_CUSHION_MS = 20;
const CUSHION_STEP_MS = 20;
const MAX_CUSHION_MS = 120;
/** More than the cushion and this much: clocks drifted, or nobody read for a while. What is too much is left out. */
const SLACK_MS = 80;
const FULL_SCALE = 32768;

/**
 * One session's end of a bridge: what the session hears goes to the peer's session, what the peer's session
 * heard comes out, at this session's pace. Both directions are rings that never wait.
 */
export class BridgeLeg {
  readonly #send: AudioRing;
  readonly #sendRate: number;
  readonly #receive: AudioRing;
  readonly #receiveRate: number;
  #resampler: { rate: number; resampler: Resampler; input: Float32Array } | undefined;
  #adapter: RateAdapter | undefined;
  #wide = new Int16Array(0);
  #cushionMs = FIRST_CUSHION_MS;
  #flowing = false;

  constructor(readonly wiring: BridgeWiring) {
    this.#send = new AudioRing(wiring.send);
    this.#sendRate = wiring.sendRate;
    this.#receive = new AudioRing(wiring.receive);
    this.#receiveRate = wiring.receiveRate;
  }

  /** What this session heard. */
  hear(pcm: Int16Array, count: number, sampleRate: number): void {
    if (sampleRate === this.#sendRate) this.#send.write(pcm, count);
    else this.#resample(pcm, count, sampleRate);
  }

  /** Fills a frame with what the peer's session heard; false when there is nothing now. */
  fill(pcm: Int16Array, count: number, sampleRate: number): boolean {
    if (sampleRate === this.#receiveRate) return this.#take(pcm, count);
    // The codec changed a moment ago; the bridge is being wired anew.
    const wanted = RateAdapter.count(count, sampleRate, this.#receiveRate);
    if (this.#wide.length < wanted) this.#wide = new Int16Array(wanted);
    if (!this.#take(this.#wide, wanted)) return false;
    this.#adapter ??= new RateAdapter();
    const adapted = this.#adapter.convert(this.#wide, wanted, this.#receiveRate, sampleRate);
    for (let index = 0; index < count; index++) pcm[index] = adapted[index];
    return true;
  }

  #take(pcm: Int16Array, count: number): boolean {
    const ring = this.#receive;
    const cushion = this.#samples(this.#cushionMs);
    if (!this.#flowing && ring.available < count + cushion) return false;
    if (ring.available < count) {
      this.#flowing = false;
      this.#cushionMs = Math.min(MAX_CUSHION_MS, this.#cushionMs + CUSHION_STEP_MS);
      return false;
    }
    this.#flowing = true;
    const tooMuch = ring.available - count - cushion;
    if (tooMuch > this.#samples(SLACK_MS)) ring.skip(tooMuch);
    ring.read(pcm, count);
    return true;
  }

  #resample(pcm: Int16Array, count: number, rate: number): void {
    if (this.#resampler?.rate !== rate || this.#resampler.input.length < count) {
      const resampler = new Resampler(rate, this.#sendRate);
      this.#resampler = { rate, resampler, input: new Float32Array(Math.max(count, rate / 10)) };
    }
    const { input, resampler } = this.#resampler;
    for (let index = 0; index < count; index++) input[index] = pcm[index] / FULL_SCALE;
    const output = resampler.push(input.subarray(0, count));
    for (let index = 0; index < output.length; index++) {
      output[index] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(output[index] * FULL_SCALE)));
    }
    this.#send.write(output, output.length);
  }

  #samples(ms: number): number {
    return (ms * this.#receiveRate) / 1000;
  }
}
