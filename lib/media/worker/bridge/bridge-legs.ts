import type { BridgeWiring } from '../../protocol';
import type { PlayedPacket } from '../receive/playout';
import { BridgeLeg } from './bridge-leg';

/** Longest frame: 60 ms at 48 kHz, with room for a codec of another rate. */
const MAX_FRAME = 8192;

/** Shared by all sessions of the thread: used up within one call. */
const frame = new Int16Array(MAX_FRAME);
const sums = new Int32Array(MAX_FRAME);

/**
 * All bridges that a session is part of: one with a single peer, in a conference one with each other member, so
 * that a member hears the sum of all but itself.
 */
export class BridgeLegs {
  readonly #legs = new Map<number, BridgeLeg>();
  /** The same as a list, made anew with each change: an iterator for each packet would be an object. */
  #list: readonly BridgeLeg[] = [];

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  /** Joins a bridge, or rewires one. */
  join(id: number, wiring: BridgeWiring): void {
    this.#legs.set(id, new BridgeLeg(wiring));
    this.#list = [...this.#legs.values()];
  }

  leave(id: number): void {
    this.#legs.delete(id);
    this.#list = [...this.#legs.values()];
  }

  /** Passes the audio that this session received to all bridged peers. */
  hear(pcm: Int16Array, count: number, sampleRate: number, packet?: PlayedPacket): void {
    const list = this.#list;
    for (let index = 0; index < list.length; index++) list[index].hear(pcm, count, sampleRate, packet);
  }

  /** The packet that the last frame came from, when it came from one peer alone; returns its length, or 0. */
  copyPacket(samples: number, target: Uint8Array, offset: number): number {
    return this.#list.length === 1 ? this.#list[0].copyPacket(samples, target, offset) : 0;
  }

  /** Fills a frame with the audio of all peers, summed and limited to 16 bits; false when there is none now. */
  fill(pcm: Int16Array, count: number, sampleRate: number): boolean {
    const list = this.#list;
    let voices = 0;
    for (let leg = 0; leg < list.length; leg++) {
      if (!list[leg].fill(frame, count, sampleRate)) continue;
      if (voices++ === 0) for (let index = 0; index < count; index++) sums[index] = frame[index];
      else for (let index = 0; index < count; index++) sums[index] += frame[index];
    }
    if (voices === 0) return false;
    for (let index = 0; index < count; index++) pcm[index] = limited(sums[index]);
    return true;
  }
}

/** A sum of samples within 16 bits. */
export function limited(sum: number): number {
  return sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
}
