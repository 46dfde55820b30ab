import { type Clock, systemClock } from '../../common';

/** The three times that every SIP timer derives from (RFC 3261, 17.1.1.1), in milliseconds. */
export interface TimerSettings {
  /** Estimate of the round trip; first retransmission interval. */
  readonly t1: number;
  /** Longest interval between retransmissions of anything but an INVITE request. */
  readonly t2: number;
  /** Longest time a message stays in the network. */
  readonly t4: number;
}

const RFC_3261: TimerSettings = { t1: 500, t2: 4000, t4: 5000 };

/** Limits of a setting; beyond them it is a slip of the hand, and counts as absent. */
const LIMITS = { min: 10, max: 60_000 } as const;

/**
 * The settings that the environment asks for: `SIPFLOW_T1_MS`, `SIPFLOW_T2_MS` and `SIPFLOW_T4_MS`, 10 to 60,000 each.
 * What is absent or nonsense is as in RFC 3261.
 */
export function timerSettingsOf(environment: NodeJS.ProcessEnv): TimerSettings {
  const read = (name: string, fallback: number): number => {
    const ms = Number(environment[name] || NaN);
    return ms >= LIMITS.min && ms <= LIMITS.max ? ms : fallback;
  };
  return {
    t1: read('SIPFLOW_T1_MS', RFC_3261.t1),
    t2: read('SIPFLOW_T2_MS', RFC_3261.t2),
    t4: read('SIPFLOW_T4_MS', RFC_3261.t4),
  };
}

/** A clock that knows the SIP timers of those who share it, so that a transaction has both from one place. */
export interface SipClock extends Clock {
  readonly timers: TimerSettings;
  /** 64·T1 in milliseconds: time-out of every transaction (timers B, F, H, J, L, M). */
  readonly transactionTimeout: number;
}

/**
 * Joins a clock and SIP timers. Endpoints that share the result share one copy of the SIP core as well.
 *
 * @param timers what differs from the environment's settings, see `timerSettingsOf`
 */
export function sipClock(clock: Clock = systemClock, timers: Partial<TimerSettings> = {}): SipClock {
  const settings: TimerSettings = { ...timerSettingsOf(process.env), ...timers };
  return {
    timers: settings,
    transactionTimeout: 64 * settings.t1,
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    clearTimeout: (handle) => clock.clearTimeout(handle),
  };
}
