import { LoadFigures } from './figures';
import { type LoadEnd, type LoadReport, mergeLoadReports, type StageReport } from './report';

/** A machine that took part in a run, in its report. */
export interface LoadWorker {
  name: string;
  host: string;
  /** `lost`: it did not live to tell its last report. */
  state: 'finished' | 'lost';
  started: number;
  failed: number;
  leftOut: number;
  /** Planned starts that it was given and did not report. */
  lostStarts: number;
  /** Of stages with a fixed number of calls: seconds of its calls that were missing. */
  lostCallSeconds?: number;
  /** 99th percentile of the delay of its starts, milliseconds. */
  lateP99Ms?: number;
  /** How far its clock was behind that of the server, milliseconds; starts are corrected by it. */
  clockOffsetMs: number;
  message?: string;
}

/** What is known of a machine at the end of a run. */
export interface WorkerEnd extends Pick<LoadWorker, 'name' | 'host' | 'state' | 'clockOffsetMs' | 'message'> {
  /** Its last report, if there was any. */
  report: LoadReport | undefined;
  lostStarts: number;
  lostCallSeconds: number;
}

/** What nobody was given, because nobody was well. */
export interface HeldBack {
  starts: number;
  callSeconds: number;
}

/**
 * One report of all machines of a fleet. What a lost one had started and not ended counts as broken off.
 *
 * @param empty a report of the plan without figures, for the case that no machine told any
 */
export function fleetReport(ends: readonly WorkerEnd[], heldBack: HeldBack, empty: LoadReport): LoadReport {
  const reports = ends.flatMap(({ report, state, message, lostStarts, lostCallSeconds }) => {
    if (!report) return [];
    const end = state === 'lost' ? { reason: 'process-lost' as LoadEnd, message } : report.end;
    return [{ ...(state === 'lost' ? brokenOff(report) : report), end, lostStarts, lostCallSeconds }];
  });
  const silent = ends.filter(({ report }) => !report);
  const [first = empty, ...others] = reports;
  const merged = mergeLoadReports([
    {
      ...first,
      lostStarts: (first.lostStarts ?? 0) + heldBack.starts + sum(silent.map((end) => end.lostStarts)),
      lostCallSeconds:
        (first.lostCallSeconds ?? 0) + heldBack.callSeconds + sum(silent.map((end) => end.lostCallSeconds)),
    },
    ...others,
  ]);
  if (merged.lostStarts === 0) delete merged.lostStarts;
  if (merged.lostCallSeconds === 0) delete merged.lostCallSeconds;
  return { ...merged, workers: ends.map(workerOf) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function workerOf(end: WorkerEnd): LoadWorker {
  const { report, name, host, state, lostStarts, lostCallSeconds, clockOffsetMs, message } = end;
  const figures = report && sumOf(report.stages);
  const lateP99Ms = figures?.distribution('lateness').quantile(0.99);
  return {
    name,
    host,
    state,
    started: figures?.counter('started') ?? 0,
    failed: figures?.counter('failed') ?? 0,
    leftOut: figures?.counter('leftOut') ?? 0,
    lostStarts,
    ...(lostCallSeconds > 0 ? { lostCallSeconds } : {}),
    ...(lateP99Ms === undefined ? {} : { lateP99Ms }),
    clockOffsetMs,
    ...(message === undefined ? {} : { message }),
  };
}

function sumOf(stages: readonly StageReport[]): LoadFigures {
  const sum = new LoadFigures();
  for (const { figures } of stages) sum.merge(LoadFigures.from(figures));
  return sum;
}

/** The report with every case that has begun and not ended as `stopped`. */
function brokenOff(report: LoadReport): LoadReport {
  const figures = new LoadFigures();
  const stages = report.stages.map((stage) => {
    const counters = { ...stage.figures.counters };
    const { started, passed, failed, skipped } = counters;
    counters.stopped = Math.max(counters.stopped, started - passed - failed - skipped);
    const data = { ...stage.figures, counters };
    if (!stage.warmUp) figures.merge(LoadFigures.from(data));
    return { ...stage, figures: data };
  });
  return { ...report, stages, figures: figures.toJSON() };
}
