import type { Capacity } from './capacity';
import type { Recorded } from './recorded-hour';
import type { RoundFigures } from './rounds';

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

/** Figures that the targets apply to; `null` when not measured. */
export interface TargetFigures extends RoundFigures {
  drift60s: { share: number; worstStream: number };
  capacity: Capacity;
  capacitySrtp: Capacity;
  capacityFilesPoolBusy: Capacity;
  srtpUsPerPacket: number | null;
  /** An hour's recording of peers whose clocks run at another rate. */
  recordedHour: Partial<Record<string, Recorded>>;
  conversion: Partial<Record<'aliasDbfs' | 'passbandDb' | 'hourRssMb' | 'hourBlockedMs', number>>;
}

/** Largest interpacket jitter as a multiple of the C program's, and the jitter that is good enough in any case, ms. */
const SPACING = { factor: 3, freeMs: 0.5 };

/**
 * Every target of the media engine with its measured figure. Targets of rounds are met only if a round was valid.
 * In-band digits are not among them: `npm test` detects 160 of 160, and `npm run test:soak -- speech` runs speech.
 */
export function targetsOf(figures: TargetFigures): Target[] {
  const { rounds, pacing, drift60s, conversion } = figures;
  const ofRounds: typeof row = (name, measured, bounds) => {
    const judged = row(name, measured, bounds);
    return { ...judged, met: judged.met && rounds.valid > 0 };
  };
  const hours = Object.values(figures.recordedHour).filter((hour) => hour !== undefined);
  const worst = (pick: (hour: Recorded) => number): number | null =>
    hours.length === 0 ? null : Math.max(...hours.map(pick));
  const reference = pacing.idle.referenceP99IpjMs;
  return [
    ofRounds('p99 spacing, main thread idle, ms', reference === null ? null : pacing.idle.p99IpjMs, {
      max: Math.max(SPACING.factor * (reference ?? 0), SPACING.freeMs),
    }),
    ofRounds('p99 spacing, main thread busy 10 ms in 50, ms', pacing.busy.p99IpjMs, { max: 3 }),
    ofRounds('p99 spacing, main thread blocked 200 ms, ms', pacing.blocked.p99IpjMs, { max: 2 }),
    ofRounds('packets lost with the main thread busy or blocked', pacing.busy.lost + pacing.blocked.lost, {
      max: 0,
    }),
    row('packets in 60 s against the clock', drift60s.share, { min: 0.9999, max: 1.0001 }),
    row('packets that the worst stream is off', drift60s.worstStream, { max: 1 }),
    row(
      'sessions that play and record without loss while the pool is busy',
      figures.capacityFilesPoolBusy.streams,
      {
        min: 1,
      },
    ),
    row('duplex sessions of one worker', figures.capacity.streams, { min: 1500 }),
    row('duplex sessions of one worker with SRTP', figures.capacitySrtp.streams, { min: 1000 }),
    ofRounds('CPU of a duplex session over that of C', figures.cpuRatio, { max: 3.5 }),
    row('SRTP protect, µs per packet', figures.srtpUsPerPacket, { max: 2.5 }),
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
