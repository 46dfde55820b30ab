import { type TimerHandle, TurnoverMap } from '../../common';
import {
  startRetransmission,
  stepRetransmission,
  type RetransmissionEvent,
  type RetransmissionKind,
  type RetransmissionState,
} from './retransmission';
import type { SipClock, TimerSettings } from './timer-settings';

interface Entry {
  state: RetransmissionState;
  timer: TimerHandle | undefined;
  readonly settings: TimerSettings;
  readonly send: () => void;
}

/**
 * Drives the retransmissions of one endpoint: one entry and one timer per message that waits for its answer.
 * Entries end with the answer, or with their own time-out (64·T1).
 */
export class Retransmitter {
  readonly #entries = new TurnoverMap<string, Entry>();

  constructor(private readonly clock: SipClock) {}

  /** Messages that wait for an answer. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Starts sending again. A key that is already being sent again stays as it is.
   *
   * @param key branch and method of the transaction
   * @param send transmits once more; must not throw
   */
  start(key: string, kind: RetransmissionKind, send: () => void): void {
    if (this.#entries.has(key)) return;
    const settings = this.clock.timers;
    const entry: Entry = { state: startRetransmission(kind, settings), timer: undefined, settings, send };
    this.#entries.set(key, entry);
    this.#arm(key, entry);
  }

  /** Tells the entry, if there is one, what arrived. */
  handle(key: string, event: Exclude<RetransmissionEvent, 'timer'>): void {
    const entry = this.#entries.get(key);
    if (entry) this.#step(key, entry, event);
  }

  /** Forgets everything. */
  reset(): void {
    for (const entry of this.#entries.values()) this.clock.clearTimeout(entry.timer);
    this.#entries.clear();
  }

  #step(key: string, entry: Entry, event: RetransmissionEvent): void {
    this.clock.clearTimeout(entry.timer);
    const next = stepRetransmission(entry.state, event, entry.settings);
    if (!next) {
      this.#entries.delete(key);
      return;
    }
    entry.state = next.state;
    this.#arm(key, entry);
    if (next.send) entry.send();
  }

  #arm(key: string, entry: Entry): void {
    entry.timer = this.clock.setTimeout(() => this.#step(key, entry, 'timer'), entry.state.wait);
  }
}
