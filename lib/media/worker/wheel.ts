/** Slots of one millisecond; more than the longest packet time, so that an entry never laps the wheel. */
const SLOTS = 128;
const MASK = SLOTS - 1;

/** Entry with an absolute deadline. `onDue` runs at or after it and sets the next one. */
export interface WheelEntry {
  /** Absolute deadline in whole milliseconds of the wheel's clock. */
  due: number;
  /** Does what is due and moves `due` on; `now` is a fresh reading of the clock. */
  onDue(now: number): void;
}

/**
 * Timing wheel of 1 ms slots with absolute deadlines. Pure: the owner reads the clock and calls `advance`. Nothing is
 * allocated while it turns.
 */
export class SlotWheel {
  readonly #slots: WheelEntry[][] = Array.from({ length: SLOTS }, () => []);
  /** The last millisecond that was looked at. */
  #tick: number;
  #size = 0;

  constructor(now: number) {
    this.#tick = Math.floor(now);
  }

  get size(): number {
    return this.#size;
  }

  /** Sets the time of an empty wheel after a sleep. */
  reset(now: number): void {
    this.#tick = Math.floor(now);
  }

  /**
   * The deadline, at least `now` and within `windowMs`, at which the fewest entries are due:
   * spreading streams over the slots keeps packets from waiting for each other.
   */
  quietest(now: number, windowMs: number): number {
    const first = Math.max(Math.ceil(now), this.#tick + 1);
    let best = first;
    for (let tick = first + 1; tick < first + windowMs; tick++) {
      if (this.#slots[tick & MASK].length < this.#slots[best & MASK].length) best = tick;
    }
    return best;
  }

  add(entry: WheelEntry): void {
    this.#size++;
    this.#insert(entry);
  }

  remove(entry: WheelEntry): void {
    for (const slot of this.#slots) {
      const index = slot.indexOf(entry);
      if (index < 0) continue;
      slot[index] = slot[slot.length - 1];
      slot.pop();
      this.#size--;
      return;
    }
  }

  /** The next moment at which an entry may be due; Infinity when the wheel is empty. */
  nextDue(): number {
    if (this.#size === 0) return Infinity;
    for (let tick = this.#tick + 1; tick <= this.#tick + SLOTS; tick++) {
      if (this.#slots[tick & MASK].length > 0) return tick;
    }
    return Infinity;
  }

  /** Runs everything that is due at `clock()`; entries that fall behind are run once, never in a burst. */
  advance(clock: () => number): void {
    const target = Math.floor(clock());
    // After a long stall every slot is visited once; the entries know themselves how late they are.
    if (target - this.#tick > SLOTS) this.#tick = target - SLOTS;
    while (this.#tick < target) {
      this.#tick++;
      this.#runSlot(this.#slots[this.#tick & MASK], target, clock);
    }
  }

  #runSlot(slot: WheelEntry[], target: number, clock: () => number): void {
    for (let index = slot.length - 1; index >= 0; index--) {
      const entry = slot[index];
      // An entry may have removed others of this slot; those that moved here run in their own turn.
      if (entry === undefined || entry.due > target) continue;
      slot[index] = slot[slot.length - 1];
      slot.pop();
      this.#size--;
      entry.onDue(clock());
      if (entry.due !== Infinity) {
        this.#size++;
        this.#insert(entry);
      }
    }
  }

  #insert(entry: WheelEntry): void {
    // A deadline in the past must not land in a slot that was already passed.
    const tick = Math.max(Math.floor(entry.due), this.#tick + 1);
    this.#slots[tick & MASK].push(entry);
  }
}
