/** Waiting times of a registration. All in milliseconds, except where seconds are said. */
const LIMITS = {
  /** First wait after a failure that may pass: registrar down, time-out, 5xx. */
  retryMs: 4_000,
  maxRetryMs: 300_000,
  /** First wait after a refusal that only a change of settings cures: retries must not lock the account. */
  refusedMs: 300_000,
  maxRefusedMs: 1_800_000,
  /** A `Retry-After` counts up to an hour. */
  maxRetryAfterMs: 3_600_000,
  /** Time that should be left of a binding after a refresh that takes all of its 32 s. */
  marginSeconds: 40,
  /** A registrar cannot make us refresh more often than this. */
  minRefreshMs: 5_000,
  /** The longest that a timer of Node.js can wait. */
  longestMs: 2 ** 31 - 1,
} as const;

/**
 * When to refresh a binding: after 80 to 90 % of its time, but early enough for one REGISTER that runs into
 * its time-out; a short binding at half. The spread keeps many phones from refreshing in step.
 *
 * @param random a number in [0, 1)
 */
export function refreshDelayMs(grantedSeconds: number, random: () => number): number {
  const spread = grantedSeconds * (0.8 + 0.1 * random());
  const seconds =
    grantedSeconds > 2 * LIMITS.marginSeconds
      ? Math.min(spread, grantedSeconds - LIMITS.marginSeconds)
      : grantedSeconds / 2;
  return clamp(seconds * 1_000, LIMITS.minRefreshMs, LIMITS.longestMs);
}

/**
 * How long to wait after a failure: doubled with each, and drawn from the upper half, so that a registrar
 * that comes back is not met by all phones at once (RFC 5626, 4.5).
 *
 * @param failures in a row, this one included; 1 or more
 * @param isRefusal the account is refused, trying soon would not help
 * @param retryAfterSeconds of the response
 */
export function retryDelayMs(
  failures: number,
  isRefusal: boolean,
  retryAfterSeconds: number | undefined,
  random: () => number,
): number {
  const [first, most] = isRefusal
    ? [LIMITS.refusedMs, LIMITS.maxRefusedMs]
    : [LIMITS.retryMs, LIMITS.maxRetryMs];
  const upper = Math.min(first * 2 ** Math.min(failures - 1, 30), most);
  const asked = Math.min((retryAfterSeconds ?? 0) * 1_000, LIMITS.maxRetryAfterMs);
  return Math.max(upper * (0.5 + 0.5 * random()), asked);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
