import { SipflowError } from '../../common';

/** How many calls a phone may have at once: as its options say, or as many as somebody has asked for. */
export class CallRoom {
  readonly #wishes = new Set<{ readonly calls: number }>();

  /** @param usual calls at once when nobody asks for more */
  constructor(private readonly usual: number) {}

  get maxCalls(): number {
    let most = this.usual;
    for (const { calls } of this.#wishes) most = Math.max(most, calls);
    return most;
  }

  /** Asks for so many calls at once; what it returns takes that back. */
  allow(calls: number): () => void {
    const wish = { calls };
    this.#wishes.add(wish);
    return () => this.#wishes.delete(wish);
  }

  /**
   * @param calls that the phone has
   * @throws SipflowError MAX_CALLS when there is no room for another one
   */
  assert(calls: number): void {
    const { maxCalls } = this;
    if (calls < maxCalls) return;
    throw new SipflowError(
      'MAX_CALLS',
      `All ${maxCalls} calls of this SIP phone are in use. Wait for one to end, or raise maxCalls.`,
      { field: 'maxCalls' },
    );
  }
}
