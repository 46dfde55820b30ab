/** Slots of one millisecond; more than the longest packet time, so that an entry never laps the wheel. */
const SLOTS = 128;
const MASK = SLOTS - 1;

/** Entry with an absolute deadline. `onDue` runs at or after it and sets the next one. */
export interface WheelEntry {
  /** Absolute deadline in whole milliseconds of the wheel's clock. */
  due: number;
  /** Does what has to be punctual and moves `due` on; `now` is a fresh reading of the clock. */
  onDue(now: number): void;
  /** Does the rest, which can wait until all entries of the slot have been punctual; they share a reading of the clock. */
  settle?(now: number): void;
}

/**
 * Timing wheel of 1 ms slots with absolute deadlines. Pure: the owner reads the clock and calls `advance`. Nothing is
 * allocated while it turns.
 *
 * The entries of a slot run in the order in which they came into it, turn by turn: one that ran first now and last the next
 * time would send its packets closer together and further apart by the time that all of the slot take. They run in two
 * phases, so that nobody's packet waits for another one's audio; and what a phase does for one entry after the other, with
 * less memory in between, takes half the time with a thousand entries.
 */
export class SlotWheel {
  /** Behind the entries of a slot there may be free places: an array that is shortened gives its memory back. */
  readonly #slots: (WheelEntry | undefined)[][] = Array.from({ length: SLOTS }, () => []);
  readonly #lengths = new Int32Array(SLOTS);
  /** Entries of the running slot that are still to settle. */
  readonly #unsettled: (WheelEntry | undefined)[] = [];
  /** The slot whose entries run. */
  #running = -1;
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
      if (this.#lengths[tick & MASK] < this.#lengths[best & MASK]) best = tick;
    }
    return best;
  }

  add(entry: WheelEntry): void {
    this.#size++;
    this.#insert(entry);
  }

  remove(entry: WheelEntry): void {
    const unsettled = this.#running < 0 ? -1 : this.#unsettled.indexOf(entry);
    if (unsettled >= 0) this.#unsettled[unsettled] = undefined;
    for (let number = 0; number < SLOTS; number++) {
      const slot = this.#slots[number];
      const index = slot.indexOf(entry);
      if (index < 0) continue;
      this.#size--;
      slot[index] = undefined;
      // Of the slot whose entries run the places are closed up behind them.
      if (number !== this.#running) this.#closeUp(number, index);
      return;
    }
  }

  /** The next moment at which an entry may be due; Infinity when the wheel is empty. */
  nextDue(): number {
    if (this.#size === 0) return Infinity;
    for (let tick = this.#tick + 1; tick <= this.#tick + SLOTS; tick++) {
      if (this.#lengths[tick & MASK] > 0) return tick;
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
      this.#runSlot(this.#tick & MASK, target, clock);
    }
  }

  #runSlot(number: number, target: number, clock: () => number): void {
    if (this.#lengths[number] === 0) return;
    const slot = this.#slots[number];
    this.#running = number;
    let ran = 0;
    for (let index = 0; index < this.#lengths[number]; index++) {
      const entry = slot[index];
      // One that has run may have removed this one.
      if (entry === undefined || entry.due > target) continue;
      slot[index] = undefined;
      this.#size--;
      entry.onDue(clock());
      this.#unsettled[ran++] = entry;
      if (entry.due !== Infinity) {
        this.#size++;
        this.#insert(entry);
      }
    }
    this.#settle(ran, clock());
    this.#running = -1;
    this.#closeUp(number, 0);
  }

  #settle(count: number, now: number): void {
    for (let index = 0; index < count; index++) {
      const entry = this.#unsettled[index];
      this.#unsettled[index] = undefined;
      entry?.settle?.(now);
    }
  }

  /** Takes the empty places out of a slot, from one on. */
  #closeUp(number: number, from: number): void {
    const slot = this.#slots[number];
    const length = this.#lengths[number];
    let kept = from;
    for (let index = from; index < length; index++) {
      const entry = slot[index];
      if (entry === undefined) continue;
      slot[index] = undefined;
      slot[kept++] = entry;
    }
    this.#lengths[number] = kept;
  }

  #insert(entry: WheelEntry): void {
    // A deadline in the past must not land in a slot that was already passed.
    const number = Math.max(Math.floor(entry.due), this.#tick + 1) & MASK;
    this.#slots[number][this.#lengths[number]++] = entry;
  }
}
