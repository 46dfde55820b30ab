/** Counts below the highest one seen that may still arrive late; UDP and forking proxies reorder. */
const WINDOW = 32;

interface NonceUse {
  issuedAt: number;
  highest: number;
  /** Bit n is set when `highest - n` was used. */
  used: number;
}

/**
 * Remembers which nonce counts were used, so that an overheard Authorization is worth nothing
 * (RFC 7616, 5.5). The memory is bounded: what is pushed out takes every nonce of its age with it,
 * because a count that is forgotten could otherwise be used again.
 */
export class ReplayGuard {
  readonly #uses = new Map<string, NonceUse>();
  #forgottenUntil = -Infinity;

  /** @param limit nonces in use that are remembered at most */
  constructor(
    private readonly lifetimeMs: number,
    private readonly limit: number,
  ) {}

  get size(): number {
    return this.#uses.size;
  }

  /**
   * Takes note of a use, after its digest was found right.
   *
   * @param count the `nc`, 1 or more
   * @returns false when that count was used before, is older than the window, or may have been forgotten
   */
  use(nonce: string, issuedAt: number, count: number, now: number): boolean {
    const known = this.#uses.get(nonce);
    if (known) return advance(known, count);
    if (issuedAt <= this.#forgottenUntil) return false;
    this.#forget(now);
    this.#uses.set(nonce, { issuedAt, highest: count, used: 1 });
    return true;
  }

  #forget(now: number): void {
    for (const [nonce, use] of this.#uses) {
      const expired = now - use.issuedAt > this.lifetimeMs;
      if (!expired && this.#uses.size < this.limit) return;
      this.#uses.delete(nonce);
      if (!expired) this.#forgottenUntil = Math.max(this.#forgottenUntil, use.issuedAt);
    }
  }
}

function advance(use: NonceUse, count: number): boolean {
  const ahead = count - use.highest;
  if (ahead > 0) {
    use.used = ahead >= WINDOW ? 1 : ((use.used << ahead) | 1) >>> 0;
    use.highest = count;
    return true;
  }
  if (-ahead >= WINDOW) return false;
  const bit = (1 << -ahead) >>> 0;
  if ((use.used & bit) !== 0) return false;
  use.used = (use.used | bit) >>> 0;
  return true;
}
