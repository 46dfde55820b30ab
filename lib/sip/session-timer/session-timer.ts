import type { Clock } from '../../common';
import type { SessionAgreement } from './negotiation';

export interface SessionTimerOptions {
  clock: Clock;
  /** Send UPDATE (if the peer allows it) or re-INVITE with `requestHeaders`, and report how it ended. */
  onRefresh(): void;
  /** The session is over: send BYE. Called once. */
  onExpired(): void;
}

/** An interval below this counts as this: no peer can make us refresh more often than every five seconds. */
const SHORTEST_SECONDS = 10;
/** The longest that a timer of Node.js can wait. */
const LONGEST_MS = 2 ** 31 - 1;
/** Responses to a refresh after which the dialog is gone (RFC 4028, 10; RFC 5057, 5.1). */
const FATAL = new Set([404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604]);

/**
 * The timers of one dialog's session (RFC 4028, 10): refresh at half of the interval when that is our
 * job, BYE when no refresh came to a good end in time. Every 2xx to an INVITE or UPDATE of the dialog,
 * in either direction, is a refresh.
 */
export class SessionTimer {
  #agreement: SessionAgreement | undefined;
  #refreshTimer: ReturnType<Clock['setTimeout']> | undefined;
  #expiryTimer: ReturnType<Clock['setTimeout']> | undefined;
  #expiresAt = Infinity;
  #stopped = false;

  constructor(private readonly options: SessionTimerOptions) {}

  /** Agreement in force; undefined while the session does not expire. */
  get agreement(): SessionAgreement | undefined {
    return this.#agreement;
  }

  /** A 2xx was sent or received: what it agreed on is in force from now on. */
  agree(agreement: SessionAgreement | undefined): void {
    if (this.#stopped) return;
    this.#clear();
    this.#agreement = agreement;
    if (!agreement) return;
    const intervalMs = Math.max(agreement.seconds, SHORTEST_SECONDS) * 1_000;
    if (agreement.refresher === 'local') this.#refreshIn(intervalMs / 2);
    // Both sides leave a little early, so that the BYE still finds the proxies' state (RFC 4028, 10).
    const untilByeMs = Math.min(intervalMs - Math.min(32_000, intervalMs / 3), LONGEST_MS);
    const { clock } = this.options;
    this.#expiresAt = clock.now() + untilByeMs;
    this.#expiryTimer = clock.setTimeout(() => this.#expire(), untilByeMs);
  }

  /**
   * Our refresh got a final response that is no 2xx (a 422 is first tried again with `raiseAfter422`, a 491
   * after its own pause). 408, made up or real, and 481 end the session; after others it is tried again
   * while there is time.
   */
  refreshFailed(status: number): void {
    if (this.#stopped || !this.#agreement) return;
    if (FATAL.has(status)) {
      this.#expire();
      return;
    }
    const leftMs = this.#expiresAt - this.options.clock.now();
    if (leftMs > SHORTEST_SECONDS * 1_000) this.#refreshIn(leftMs / 2);
  }

  /** The dialog ended. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#agreement = undefined;
    this.#clear();
  }

  #refreshIn(ms: number): void {
    const { clock } = this.options;
    clock.clearTimeout(this.#refreshTimer);
    this.#refreshTimer = clock.setTimeout(
      () => {
        this.#refreshTimer = undefined;
        this.options.onRefresh();
      },
      Math.min(ms, LONGEST_MS),
    );
  }

  #expire(): void {
    this.stop();
    this.options.onExpired();
  }

  #clear(): void {
    const { clock } = this.options;
    clock.clearTimeout(this.#refreshTimer);
    clock.clearTimeout(this.#expiryTimer);
    this.#refreshTimer = undefined;
    this.#expiryTimer = undefined;
    this.#expiresAt = Infinity;
  }
}
