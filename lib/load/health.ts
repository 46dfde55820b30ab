/** What the generator of a load says of itself over a stretch of time. Figures that a machine does not tell are absent. */
export interface GeneratorHealth {
  /** 99th percentile of the delay of starts against the schedule, milliseconds. */
  lateP99Ms?: number;
  /** Starts left out, of all that were planned, 0 to 1. */
  leftOutShare?: number;
  /** Cases at once that were allowed, where starts were left out for want of room. */
  casesAtOnce?: number;
  /** Share of the time in which an event loop of ours was busy, 0 to 1; the busiest one's. */
  loopBusy?: number;
  /** Deadlines of the media worker that were skipped. */
  skippedDeadlines?: number;
  /** Deadlines of the media worker, kept or not. */
  deadlines?: number;
  /** 99th percentile of the delay of audio packets against their deadline, milliseconds; a bound of its class. */
  mediaLateP99Ms?: number;
  /** Datagrams that the system dropped because a socket of ours was full. */
  droppedDatagrams?: number;
  /** Milliseconds in which the control group of the process was held back. */
  throttledMs?: number;
  /** Share of the time that the machine's host gave to others, 0 to 1. */
  stolenShare?: number;
  /** Calls that failed for want of a port of ours. */
  portsExhausted?: number;
  /** Calls that came in and belong to no case; no sign of a limit. */
  strayCalls?: number;
}

/** Limits beyond which the generator, and not the system under test, was the limit. */
export const HEALTH_LIMITS = {
  lateP99Ms: 50,
  leftOutShare: 0.001,
  loopBusy: 0.9,
  stolenShare: 0.05,
  /** Of all deadlines of the media worker. */
  skippedShare: 0.001,
  /** Fewer skipped deadlines say nothing, whatever their share: a load of short calls has few. */
  skippedLeast: 5,
  /** Of the time of the stretch. */
  throttledShare: 0.01,
} as const;

/** A sign that the generator was the limit. */
export interface LimitSign {
  code:
    | 'LATE_STARTS'
    | 'STARTS_LEFT_OUT'
    | 'LOOP_BUSY'
    | 'MEDIA_DEADLINES'
    | 'SOCKET_DROPS'
    | 'THROTTLED'
    | 'TIME_STOLEN'
    | 'PORTS_EXHAUSTED';
  /** A sentence with the figure and the limit. */
  message: string;
}

/**
 * Signs that the generator was the limit of a stretch of time; none means that its figures are those of the system.
 *
 * @param seconds length of the stretch
 */
export function limitSigns(health: GeneratorHealth, seconds: number): LimitSign[] {
  const signs: LimitSign[] = [];
  const sign = (code: LimitSign['code'], message: string): void => void signs.push({ code, message });
  const { lateP99Ms = 0, leftOutShare = 0, loopBusy = 0, stolenShare = 0, throttledMs = 0 } = health;
  if (lateP99Ms > HEALTH_LIMITS.lateP99Ms) {
    sign(
      'LATE_STARTS',
      `1 in 100 starts was more than ${Math.round(lateP99Ms)} ms late (limit ${HEALTH_LIMITS.lateP99Ms} ms).`,
    );
  }
  if (leftOutShare > HEALTH_LIMITS.leftOutShare) {
    sign(
      'STARTS_LEFT_OUT',
      `${percent(leftOutShare)} of the planned starts were left out (limit ${percent(HEALTH_LIMITS.leftOutShare)})${roomText(health)}.`,
    );
  }
  if (loopBusy > HEALTH_LIMITS.loopBusy) {
    sign(
      'LOOP_BUSY',
      `An event loop was busy for ${percent(loopBusy)} of the time (limit ${percent(HEALTH_LIMITS.loopBusy)}).`,
    );
  }
  const { skippedDeadlines = 0, deadlines = skippedDeadlines } = health;
  const { skippedShare, skippedLeast } = HEALTH_LIMITS;
  if (skippedDeadlines >= skippedLeast && skippedDeadlines > skippedShare * deadlines) {
    sign(
      'MEDIA_DEADLINES',
      `The media worker skipped ${skippedDeadlines} of ${deadlines} deadlines of packets (limit ${percent(skippedShare)}).`,
    );
  }
  if ((health.droppedDatagrams ?? 0) > 0) {
    sign('SOCKET_DROPS', `${health.droppedDatagrams} datagrams were dropped at our own sockets.`);
  }
  if (throttledMs > HEALTH_LIMITS.throttledShare * seconds * 1000) {
    sign(
      'THROTTLED',
      `The processor limit of this container held us back for ${Math.round(throttledMs)} ms.`,
    );
  }
  if (stolenShare > HEALTH_LIMITS.stolenShare) {
    sign(
      'TIME_STOLEN',
      `The host gave ${percent(stolenShare)} of the machine's time to others (limit ${percent(HEALTH_LIMITS.stolenShare)}).`,
    );
  }
  if ((health.portsExhausted ?? 0) > 0) {
    sign('PORTS_EXHAUSTED', `${health.portsExhausted} calls found no free port here.`);
  }
  return signs;
}

function roomText({ casesAtOnce }: GeneratorHealth): string {
  return casesAtOnce === undefined ? '' : `: ${casesAtOnce} cases were under way, as many as may be at once`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.01 ? 2 : 1))} %`;
}
