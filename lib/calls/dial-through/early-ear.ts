import type { PlacedCall } from '../outgoing-call';
import type { AudioSource } from '../../media';
import type { RunningBridge } from '../types';
import type { FirstCall } from './first-call';
import { codecOf } from './join';
import { Ringback } from './ringback';

/** The target that is heard. */
interface Heard {
  readonly call: PlacedCall;
  /** Resolves with the bridge, or with undefined when there is none. */
  opened?: Promise<RunningBridge | undefined>;
  /** Present once it is being made. */
  bridge?: Promise<RunningBridge>;
}

/**
 * Audio before the answer: the first call hears the target that has sent early media first, and another one when that
 * has failed. Without early media, one that is answered already hears a ringing tone while a target rings.
 */
export class EarlyEar {
  /** Targets with early media; the first one is heard. */
  #speaking: readonly PlacedCall[] = [];
  #heard: Heard | undefined;
  /** Targets that ring. */
  readonly #ringing = new Set<PlacedCall>();
  readonly #ringback: Ringback;

  /** @param ringback undefined for none */
  constructor(
    private readonly first: FirstCall,
    ringback: AudioSource | undefined,
  ) {
    this.#ringback = new Ringback(first.call, ringback);
  }

  /** A target rings. */
  ring(call: PlacedCall): void {
    this.#ringing.add(call);
    if (!this.#heard) this.#ringback.start();
  }

  /** A target has early media. */
  offer(call: PlacedCall): void {
    if (this.#speaking.includes(call)) return;
    this.#speaking = [...this.#speaking, call];
    if (!this.#heard) this.#hear(call);
  }

  /** A target has failed, or is dialled again. */
  lose(call: PlacedCall): void {
    this.#ringing.delete(call);
    this.#speaking = this.#speaking.filter((each) => each !== call);
    if (this.#heard?.call === call) {
      void this.#stop();
      const [next] = this.#speaking;
      if (next) this.#hear(next);
    }
    if (this.#ringing.size === 0) void this.#ringback.stop();
    else if (!this.#heard) this.#ringback.start();
  }

  /** The bridge to the target that has answered, when it is the one that is heard; every other one ends. */
  async of(call: PlacedCall): Promise<RunningBridge | undefined> {
    await this.#ringback.stop();
    if (this.#heard?.call === call) return this.#heard.opened;
    await this.#stop();
    return undefined;
  }

  /** No target is heard any longer. */
  close(): void {
    this.#speaking = [];
    void this.#ringback.stop();
    void this.#stop();
  }

  #hear(call: PlacedCall): void {
    const heard: Heard = { call };
    this.#heard = heard;
    // Without early media the caller hears nothing before the answer, as with a phone that only rings.
    heard.opened = this.#open(heard).catch(() => undefined);
  }

  async #open(heard: Heard): Promise<RunningBridge | undefined> {
    await this.#ringback.stop();
    await this.first.openEarly(await codecOf(heard.call));
    if (this.#heard !== heard) return undefined;
    heard.bridge = this.first.call.bridge(heard.call);
    return heard.bridge;
  }

  /** Waits for a bridge that is being made, and not for the early media of the first call. */
  async #stop(): Promise<void> {
    const heard = this.#heard;
    this.#heard = undefined;
    const bridge = await heard?.bridge?.catch(() => undefined);
    bridge?.stop();
  }
}
