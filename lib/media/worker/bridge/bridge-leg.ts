import { isQuiet, LEAST_STRETCHED, mostStretch, Resampler, stretch } from '../../../audio';
import { AudioRing } from '../../audio-ring';
import { PayloadRing } from '../../payload-ring';
import type { BridgeWiring } from '../../protocol';
import { RateAdapter } from '../play/rate-adapter';
import type { PlayedPacket } from '../receive/playout';
import { RingPace } from './ring-pace';

/**
 * Cushion against the peer's uneven pace: audio buffered beyond one packet, as much as a deadline may be late without
 * being skipped. It grows with each underrun.
 */
const FIRST_CUSHION_MS = 20;
const CUSHION_STEP_MS = 20;
const MAX_CUSHION_MS = 120;
/** Excess over the cushion from which the reader has paused: the excess is dropped. */
const SLACK_MS = 80;
const FULL_SCALE = 32768;

/** Scratch of all bridges of the thread: the samples that are stretched into a frame. */
const uneven = new Int16Array(8192);

/**
 * One session's end of a bridge: the audio it receives goes to the peer's session, that of the peer's session comes
 * out at this session's pace. Both directions are rings that never block.
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
  readonly #pace = new RingPace();
  /** The last frame was stretched: no packet can be copied for it. */
  #stretched = false;
  /** The last frame was quiet; only set where it was measured. */
  #quiet = false;
  readonly #sendPackets: PayloadRing | undefined;
  readonly #receivePackets: PayloadRing | undefined;
  /** Ring position of the last frame. */
  #frameAt = 0;

  constructor(readonly wiring: BridgeWiring) {
    this.#send = new AudioRing(wiring.send);
    this.#sendRate = wiring.sendRate;
    this.#receive = new AudioRing(wiring.receive);
    this.#receiveRate = wiring.receiveRate;
    if (!wiring.copying) return;
    this.#sendPackets = new PayloadRing(wiring.copying.send);
    this.#receivePackets = new PayloadRing(wiring.copying.receive);
  }

  /**
   * Passes the audio that this session received to the peer's session.
   *
   * @param packet that it was decoded from; a copy of it is sent on where nothing needs to be encoded.
   */
  hear(pcm: Int16Array, count: number, sampleRate: number, packet?: PlayedPacket): void {
    if (packet && packet.codec === this.wiring.copying?.codec) {
      this.#sendPackets?.write(this.#send.writePosition, count, packet.bytes, packet.offset, packet.length);
    }
    if (sampleRate === this.#sendRate) this.#send.write(pcm, count);
    else this.#resample(pcm, count, sampleRate);
  }

  /** Fills a frame with the audio of the peer's session; false when there is none now. */
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

  /** The packet that the last frame was decoded from; returns its length, 0 when the frame has to be encoded. */
  copyPacket(samples: number, target: Uint8Array, offset: number): number {
    if (this.#stretched) return 0;
    return this.#receivePackets?.take(this.#frameAt, samples, target, offset) ?? 0;
  }

  #take(pcm: Int16Array, count: number): boolean {
    const ring = this.#receive;
    const cushion = this.#samples(this.#cushionMs);
    if (!this.#flowing && ring.available < count + cushion) return false;
    if (ring.available < count) {
      this.#flowing = false;
      this.#pace.restart();
      this.#cushionMs = Math.min(MAX_CUSHION_MS, this.#cushionMs + CUSHION_STEP_MS);
      return false;
    }
    this.#flowing = true;
    const tooMuch = ring.available - count - cushion;
    if (tooMuch > this.#samples(SLACK_MS)) ring.skip(tooMuch);
    const waiting = Math.min(ring.available - count, cushion + this.#samples(SLACK_MS));
    this.#pace.look(waiting, count, cushion, this.#receiveRate);
    this.#stretched = this.#pace.left !== 0 && this.#readUnevenly(pcm, count);
    if (this.#stretched) return true;
    this.#align(count);
    this.#frameAt = ring.readPosition;
    ring.read(pcm, count);
    return true;
  }

  /** Stretches a few samples more or fewer into a frame, to correct the drift between the two clocks. */
  #readUnevenly(pcm: Int16Array, count: number): boolean {
    const most = mostStretch(count, this.#receiveRate, this.#quiet);
    const more = Math.max(-most, Math.min(most, this.#pace.left));
    const taken = count + more;
    if (taken < LEAST_STRETCHED || taken > uneven.length || this.#receive.available < taken) return false;
    this.#receive.read(uneven, taken);
    // Drops the packets of these samples.
    this.#receivePackets?.distance(this.#receive.readPosition);
    stretch(uneven, taken, -more, pcm);
    this.#quiet = isQuiet(pcm, count);
    this.#pace.took(more);
    return true;
  }

  /** After a gap, aligns frames with packets; less than a packet is dropped. */
  #align(count: number): void {
    const distance = this.#receivePackets?.distance(this.#receive.readPosition) ?? -1;
    if (distance <= 0 || distance >= count) return;
    if (this.#receive.available >= count + distance) this.#receive.skip(distance);
  }

  #resample(pcm: Int16Array, count: number, rate: number): void {
    if (this.#resampler?.rate !== rate || this.#resampler.input.length < count) {
      const resampler = new Resampler(rate, this.#sendRate);
      this.#resampler = { rate, resampler, input: new Float32Array(Math.max(count, rate / 10)) };
    }
    const { input, resampler } = this.#resampler;
    for (let index = 0; index < count; index++) input[index] = pcm[index] / FULL_SCALE;
    const converted = resampler.convert(input, count);
    const { output } = resampler;
    for (let index = 0; index < converted; index++) {
      output[index] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(output[index] * FULL_SCALE)));
    }
    this.#send.write(output, converted);
  }

  #samples(ms: number): number {
    return (ms * this.#receiveRate) / 1000;
  }
}
