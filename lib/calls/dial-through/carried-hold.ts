import type { BaseCall } from '../call';
import { isOver } from '../state';

/** What one side of two joined calls does to the other one by holding it or taking it back. */
class CarriedHold {
  /** Whether we hold the call because of the other one. */
  #holding = false;
  #wanted = false;
  #busy = false;

  constructor(private readonly call: BaseCall) {}

  /** Holds the call, or takes it back. */
  set(held: boolean): void {
    this.#wanted = held;
    if (!this.#busy) void this.#follow();
  }

  /** One offer after the other; one that the peer refuses is not repeated. */
  async #follow(): Promise<void> {
    this.#busy = true;
    while (this.#holding !== this.#wanted && !isOver(this.call.state)) {
      const wanted = this.#wanted;
      const outcome = await this.call.hold(wanted ? 'hold' : 'resume').catch(() => undefined);
      if (outcome?.kind !== 'done') break;
      this.#holding = wanted;
    }
    this.#busy = false;
  }
}

/**
 * Lets each of two joined calls know that the other one holds it, by re-INVITE or UPDATE: it is held by us with the same
 * meaning (RFC 3264, 8.4), and still hears what the holding side plays. Codecs and addresses that one side changes stay
 * between us and that side.
 *
 * @returns a function that ends this; who is held then is taken back
 */
export function carryHold(one: BaseCall, other: BaseCall): () => void {
  const stops = [
    [one, other],
    [other, one],
  ].map(([from, to]) => {
    const carried = new CarriedHold(to);
    const listeners = [
      from.on('held', () => carried.set(true)),
      from.on('resumed', () => carried.set(false)),
    ];
    if (from.isHeld) carried.set(true);
    return () => {
      for (const stop of listeners) stop();
      carried.set(false);
    };
  });
  return () => {
    for (const stop of stops) stop();
  };
}
