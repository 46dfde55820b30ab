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

let current: TimerSettings = { ...RFC_3261 };
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
