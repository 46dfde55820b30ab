/** The three times that every SIP timer derives from (RFC 3261, 17.1.1.1), in milliseconds. */
export interface TimerSettings {
  /** Estimate of the round trip; first retransmission interval. */
  t1: number;
  /** Longest interval between retransmissions of anything but an INVITE request. */
  t2: number;
  /** Longest time a message stays in the network. */
  t4: number;
}

const RFC_3261: TimerSettings = { t1: 500, t2: 4000, t4: 5000 };

/** Beyond these a setting is a slip of the hand: nobody waits a minute for a repetition. */
const LIMITS = { min: 10, max: 60_000 } as const;

/**
 * The settings that the environment asks for: `SIPFLOW_T1_MS`, `SIPFLOW_T2_MS` and `SIPFLOW_T4_MS`, 10 to 60,000 each. What is
 * absent or nonsense is as in RFC 3261.
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

let current: TimerSettings = timerSettingsOf(process.env);
const watchers = new Set<(settings: TimerSettings) => void>();

/** The settings of this process. */
export function timerSettings(): Readonly<TimerSettings> {
  return current;
}

/** 64·T1: time-out of every transaction (timers B, F, H, J, L, M). */
export function transactionTimeout(): number {
  return 64 * current.t1;
}

/** Changes the settings of this process for transactions that start from now on; without argument, back to the RFC. */
export function setTimerSettings(settings: Partial<TimerSettings> = RFC_3261): void {
  current = { ...current, ...settings };
  for (const watcher of watchers) watcher(current);
}

/** Calls the watcher now and after every change, for as long as the process lives. */
export function watchTimerSettings(watcher: (settings: TimerSettings) => void): void {
  watchers.add(watcher);
  watcher(current);
}
