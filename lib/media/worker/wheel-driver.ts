import type { DatagramDriver } from './datagrams';
import { SlotWheel, type WheelEntry } from './wheel';

/**
 * Above this distance to the next deadline the thread sleeps in the event loop, where packets and
 * messages wake it; below, it blocks in `Atomics.wait`, which is precise to some tens of microseconds
 * (timers of the event loop are late by a millisecond and more).
 */
const COARSE_MS = 2;

/** Turns a wheel in real time, and the datagrams with it. It sleeps without any timer while the wheel is empty. */
export class WheelDriver {
  readonly wheel = new SlotWheel(performance.now());
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #clock = (): number => performance.now();
  readonly #turn = (): void => this.#onTurn();
  #immediate: NodeJS.Immediate | undefined;
  #timeout: NodeJS.Timeout | undefined;

  constructor(private readonly datagrams: DatagramDriver) {}

  /** Adds an entry; an idle wheel starts to turn. */
  add(entry: WheelEntry): void {
    this.wheel.add(entry);
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
    this.#immediate ??= setImmediate(this.#turn);
  }

  remove(entry: WheelEntry): void {
    this.wheel.remove(entry);
  }

  /** A free deadline within the next `windowMs`. */
  quietest(windowMs: number): number {
    const now = performance.now();
    if (this.wheel.size === 0) this.wheel.reset(now);
    return this.wheel.quietest(now, windowMs);
  }

  stop(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    this.#timeout = undefined;
    this.#immediate = undefined;
  }

  #onTurn(): void {
    this.#immediate = undefined;
    this.#timeout = undefined;
    const wait = this.wheel.nextDue() - performance.now();
    if (wait > COARSE_MS) {
      this.datagrams.sleep();
      if (wait !== Infinity) this.#timeout = setTimeout(this.#turn, Math.floor(wait) - 1);
      return;
    }
    if (wait > 0) Atomics.wait(this.#cell, 0, 0, wait);
    this.wheel.advance(this.#clock);
    this.datagrams.turn();
    // The event loop reads the sockets and the messages before the next turn. An entry that was added
    // meanwhile may already have asked for it.
    this.#immediate ??= setImmediate(this.#turn);
  }
}
