import type { Capacities } from './capacities';
import type { Recorded } from './recorded-hour';
import type { RoundFigures } from './rounds';
import type { SessionAlone } from './session-alone';

/** One row of the table of targets. */
export interface Target {
  name: string;
  /** Null when it could not be measured, which counts as not met. */
  measured: number | null;
  /** The bounds, both within the target. */
  min?: number;
  max?: number;
  met: boolean;
}

/** What each driver has to reach; null when it could not be measured. */
export interface DriverFigures extends RoundFigures, Capacities {
  drift60s: { share: number; worstStream: number };
}

/** What does not depend on the driver. */
export interface OtherFigures {
  srtpUsPerPacket: number | null;
  sessionAlone: SessionAlone | null;
  /** An hour's recording of peers whose clocks run at another rate. */
  recordedHour: Partial<Record<string, Recorded>>;
  conversion: Partial<Record<'aliasDbfs' | 'passbandDb' | 'hourRssMb' | 'hourBlockedMs', number>>;
}

/** Names of the drivers for datagrams. */
export type DriverName = 'dgram' | 'native';

/** Multiples of the C program, and shares of what it carries. */
const BOUNDS = {
  dgram: { cpu: 2.8, cShare: 0.3, srtpShare: 0.8 },
  native: { cpu: 2, cShare: 0.42, srtpShare: 0.75 },
} as const;
/** Largest interpacket jitter as a multiple of the C program's of the same round. */
const SPACING = 1.5;
const LOADS = { idle: 'idle', busy: 'busy 10 ms in 50', blocked: 'blocked 200 ms' } as const;

/** Targets of a driver with their figures. Those of rounds are met only if a round was valid. */
export function driverTargets(driver: DriverName, figures: DriverFigures): Target[] {
  const { rounds, pacing, drift60s, capacity, capacitySrtp, capacityFilesPoolBusy } = figures;
  const { cpu, cShare, srtpShare } = BOUNDS[driver];
  const ofRounds: typeof row = (name, measured, bounds) => {
    const judged = row(name, measured, bounds);
    return { ...judged, met: judged.met && rounds.valid > 0 };
  };
  const spacing = (['idle', 'busy', 'blocked'] as const).map((load) =>
    ofRounds(`p99 spacing over that of C, main thread ${LOADS[load]}`, pacing[load].ratio, { max: SPACING }),
  );
  const lost = pacing.idle.lost + pacing.busy.lost + pacing.blocked.lost;
  return [
    ofRounds('CPU of a duplex packet over that of C', figures.cpuRatio, { max: cpu }),
    row('duplex streams of one worker, as a share of those of C', capacity.cShare ?? null, { min: cShare }),
    row('the same with SRTP, as a share of plain', shareOf(capacitySrtp.streams, capacity.streams), {
      min: srtpShare,
    }),
    ...spacing,
    ofRounds('packets lost, main thread idle, busy or blocked', lost, { max: 0 }),
    row('packets in 60 s against the clock', drift60s.share, { min: 0.9999, max: 1.0001 }),
    row('packets that the worst stream is off', drift60s.worstStream, { max: 1 }),
    ...(capacityFilesPoolBusy
      ? [
          row(
            'streams that play and record without loss while the pool is busy',
            capacityFilesPoolBusy.streams,
            { min: 1 },
          ),
        ]
      : []),
  ];
}

/**
 * Targets of everything else. In-band digits are not among them: `npm test` detects 160 of 160, and
 * `npm run test:soak -- speech` runs speech.
 */
export function otherTargets({
  sessionAlone,
  srtpUsPerPacket,
  recordedHour,
  conversion,
}: OtherFigures): Target[] {
  const hours = Object.values(recordedHour).filter((hour) => hour !== undefined);
  const worst = (pick: (hour: Recorded) => number): number | null =>
    hours.length === 0 ? null : Math.max(...hours.map(pick));
  return [
    row('session code alone, 1,500 sessions over 2', sessionAlone?.ratio ?? null, { max: 2.5 }),
    row('SRTP protect, µs per packet', srtpUsPerPacket, { max: 2 }),
    row('an hour recorded at ±100 ppm: holes, overwritten samples, steps', worst(faultsOf), { max: 0 }),
    row(
      'an hour recorded at ±100 ppm: its sides apart, ms',
      worst(({ skewMs }) => skewMs.most),
      { max: 20 },
    ),
    row('resampling: alias, dBFS', conversion.aliasDbfs ?? null, { max: -90 }),
    row('resampling: pass band, dB', conversion.passbandDb ?? null, { max: 0.2 }),
    row('an hour of WAV: resident memory, MB', conversion.hourRssMb ?? null, { max: 100 }),
    row('an hour of WAV: main thread blocked, ms', conversion.hourBlockedMs ?? null, { max: 20 }),
  ];
}

function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

function faultsOf({ holes, overwritten, steps }: Recorded): number {
  return holes + overwritten + steps;
}

/** One line for each target. */
export function targetLines(targets: Target[]): string[] {
  return targets.map(({ name, measured, min, max, met }) => {
    const bounds = [min !== undefined && `≥ ${format(min)}`, max !== undefined && `≤ ${format(max)}`];
    const value = measured === null ? 'not measured' : format(measured);
    return `${met ? 'met   ' : 'MISSED'} ${name}: ${value} (${bounds.filter(Boolean).join(', ')})`;
  });
}

function row(name: string, measured: number | null, bounds: Pick<Target, 'min' | 'max'>): Target {
  const { min = -Infinity, max = Infinity } = bounds;
  return { name, measured, ...bounds, met: measured !== null && measured >= min && measured <= max };
}

function format(value: number): string {
  return String(Number(value.toPrecision(5)));
}
