/** Packets of one collector since the beginning. */
export interface SinkCounts {
  /** Handed to the network. */
  sent: number;
  /** Not sent: the collector was away, too slow, or the packet too large. */
  dropped: number;
}

/** The way to a collector. Nothing that happens on it throws, waits or grows. */
export interface HepSink {
  readonly counts: SinkCounts;
  /** Whether a packet would be taken now; one that would not need not be made. Opens the way when it is time to. */
  ready(): boolean;
  /** Takes a packet, or drops and counts it. */
  send(packet: Buffer): void;
  /** Counts a packet that was not made. */
  drop(): void;
  /** Sends what waits, as far as that takes no longer than 300 ms. Idempotent. */
  close(): Promise<void>;
}

/** Told once for each outage, at most once in ten minutes. */
export type Trouble = (problem: Error) => void;

const QUIET_MS = 10 * 60_000;

/** A teller that says the same thing no more than once in ten minutes. */
export function seldom(tell: Trouble, now: () => number): Trouble {
  let last = -Infinity;
  return (problem) => {
    if (now() - last < QUIET_MS) return;
    last = now();
    tell(problem);
  };
}
