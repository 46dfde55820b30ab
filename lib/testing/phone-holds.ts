import type { IncomingCall, OutgoingCall, Phone } from '../calls';

/** What a test needs to know of a phone. */
export type TestPhone = Pick<Phone, 'id' | 'calls' | 'on' | 'options'>;

/** A phone that somebody holds. */
interface Held<Holder> {
  readonly holders: Set<Holder>;
  readonly alone: boolean;
  /** Ends the look at its calls. */
  readonly leave: () => void;
}

interface Waiting<Holder> {
  readonly holder: Holder;
  readonly phones: readonly TestPhone[];
  readonly alone: boolean;
  readonly granted: () => void;
}

/**
 * Who holds which phone, alone or together with others, and who waits for it. First come, first served: nobody is
 * overtaken by a later one that wants a phone of theirs. While a phone is held, its calls are reported as they begin.
 */
export class PhoneHolds<Holder> {
  readonly #held = new Map<TestPhone, Held<Holder>>();
  readonly #phonesOf = new Map<Holder, readonly TestPhone[]>();
  #queue: Waiting<Holder>[] = [];

  /** @param onCall told of each call that begins on a phone that is held */
  constructor(private readonly onCall: (phone: TestPhone, call: IncomingCall | OutgoingCall) => void) {}

  /**
   * Takes all these phones as soon as they are free, all at once, so that two that wait cannot block each other.
   *
   * @param granted called once, perhaps before this returns
   */
  take(holder: Holder, phones: readonly TestPhone[], alone: boolean, granted: () => void): void {
    this.#queue.push({ holder, phones: [...new Set(phones)], alone, granted });
    this.#serve();
  }

  /** Gives the holder's phones back, or takes it out of the queue. */
  release(holder: Holder): void {
    const phones = this.#phonesOf.get(holder);
    this.#queue = this.#queue.filter((each) => each.holder !== holder);
    this.#phonesOf.delete(holder);
    for (const phone of phones ?? []) {
      const held = this.#held.get(phone);
      held?.holders.delete(holder);
      if (held?.holders.size !== 0) continue;
      held.leave();
      this.#held.delete(phone);
    }
    this.#serve();
  }

  /** The one that holds the phone alone. */
  ownerOf(phone: TestPhone): Holder | undefined {
    const held = this.#held.get(phone);
    return held?.alone ? [...held.holders][0] : undefined;
  }

  /** The phones that the holder has now. */
  of(holder: Holder): readonly TestPhone[] {
    return this.#phonesOf.get(holder) ?? [];
  }

  /** Whether the holder has that phone now, alone or with others. */
  has(holder: Holder, phone: TestPhone): boolean {
    return this.#held.get(phone)?.holders.has(holder) === true;
  }

  #serve(): void {
    if (this.#queue.length === 0) return;
    const granted: Waiting<Holder>[] = [];
    /** Phones for which an earlier one waits. */
    const wanted = new Set<TestPhone>();
    this.#queue = this.#queue.filter((waiting) => {
      const { phones, alone } = waiting;
      const free = phones.every((phone) => !wanted.has(phone) && this.#isFree(phone, alone));
      if (free) {
        this.#hold(waiting);
        granted.push(waiting);
      } else for (const phone of phones) wanted.add(phone);
      return !free;
    });
    for (const each of granted) each.granted();
  }

  #isFree(phone: TestPhone, alone: boolean): boolean {
    const held = this.#held.get(phone);
    return !held || (!held.alone && !alone);
  }

  #hold({ holder, phones, alone }: Waiting<Holder>): void {
    this.#phonesOf.set(holder, phones);
    for (const phone of phones) {
      const held = this.#held.get(phone);
      if (held) held.holders.add(holder);
      else {
        const leave = phone.on('call', (call) => this.onCall(phone, call));
        this.#held.set(phone, { holders: new Set([holder]), alone, leave });
      }
    }
  }
}
