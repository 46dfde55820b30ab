import type { RecordChannels } from '../../types';

/** Seconds in the ring: one unfinished block, the reordering window, and audio ahead of the clock. */
const CAPACITY_S = 2;

/**
 * The last seconds of both directions of a call on one sample clock, from which a recording is cut.
 * Samples that were not written are silence. Positions are absolute samples of the session.
 */
export class Tape {
  readonly #received: Int16Array;
  readonly #sent: Int16Array;
  readonly #mask: number;
  #emitted: number;

  /**
   * @param start position of the first sample of the recording.
   */
  constructor(
    private readonly channels: RecordChannels,
    sampleRate: number,
    start: number,
  ) {
    const capacity = 2 ** Math.ceil(Math.log2(CAPACITY_S * sampleRate));
    this.#received = new Int16Array(capacity);
    this.#sent = new Int16Array(capacity);
    this.#mask = capacity - 1;
    this.#emitted = start;
  }

  /** Position up to which samples were taken. */
  get emitted(): number {
    return this.#emitted;
  }

  /** Samples that can be taken at once. */
  get capacity(): number {
    return this.#mask + 1;
  }

  /** Output channels: 2 for stereo, else 1. */
  get channelCount(): 1 | 2 {
    return this.channels === 'stereo' ? 2 : 1;
  }

  writeReceived(pcm: Int16Array, count: number, position: number): void {
    this.#write(this.#received, pcm, count, position);
  }

  writeSent(pcm: Int16Array, count: number, position: number): void {
    this.#write(this.#sent, pcm, count, position);
  }

  /** Drops the audio before `position` without emitting it (a pause). */
  skipTo(position: number): void {
    const count = Math.min(position - this.#emitted, this.capacity);
    for (let index = 0; index < count; index++) this.#clear(this.#emitted + index);
    this.#emitted = Math.max(this.#emitted, position);
  }

  /**
   * Cuts the next `count` samples (at most `capacity`) into little-endian 16-bit frames:
   * stereo is left = received, right = sent; mixed is the saturated sum.
   */
  take(count: number): Int16Array<ArrayBuffer> {
    const block = new Int16Array(count * this.channelCount);
    for (let index = 0; index < count; index++) {
      const at = (this.#emitted + index) & this.#mask;
      const received = this.#received[at];
      const sent = this.#sent[at];
      switch (this.channels) {
        case 'stereo':
          block[2 * index] = received;
          block[2 * index + 1] = sent;
          break;
        case 'mixed':
          block[index] = Math.max(-32768, Math.min(32767, received + sent));
          break;
        case 'received':
          block[index] = received;
          break;
        case 'sent':
          block[index] = sent;
          break;
      }
      this.#clear(this.#emitted + index);
    }
    this.#emitted += count;
    return block;
  }

  #write(ring: Int16Array, pcm: Int16Array, count: number, position: number): void {
    const from = Math.max(0, this.#emitted - position);
    const to = Math.min(count, this.#emitted + this.capacity - position);
    for (let index = from; index < to; index++) ring[(position + index) & this.#mask] = pcm[index];
  }

  #clear(position: number): void {
    this.#received[position & this.#mask] = 0;
    this.#sent[position & this.#mask] = 0;
  }
}
