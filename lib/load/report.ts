import { SipflowError } from '../common';
import { type FiguresData, LoadFigures } from './figures';
import type { LoadWorker } from './fleet-report';
import { type LoadFailure, mergedFailures } from './kept-failures';
import { addedSamples, type LoadSample } from './samples';
import type { Shard } from './schedule';
import { callSecondsOf } from './slices';
import type { StageVerdict } from './stage-verdict';
import { parseStages } from './stages';
import { judgeThreshold, parseThreshold, type ThresholdResult } from './thresholds';

/** How a run came to its end. */
export type LoadEnd = 'completed' | 'probe-failed' | 'aborted' | 'interrupted' | 'process-lost';

/** `not-judged`: the generator was the limit, so that the figures say nothing about the system. */
export type LoadStatus = 'passed' | 'failed' | 'not-judged';

/** A stage in a report. */
export interface StageReport {
  text: string;
  warmUp: boolean;
  beginMs: number;
  endMs: number;
  verdict: StageVerdict;
  figures: FiguresData;
}

/** What a load run says of itself; `msg.load`, and the JSON of the command line. */
export interface LoadReport {
  format: 'sipflow-load/1';
  startedAt: string;
  durationMs: number;
  /** What the run was to do; reports of one plan can be merged. */
  plan: {
    /** Title of the case. */
    title: string;
    stages: string;
    rows: number;
    rowsOrder: string;
    seed: number;
    expect: string[];
    shards: number;
  };
  /** Which shards are in it, from 0. */
  shards: number[];
  status: LoadStatus;
  end: { reason: LoadEnd; message?: string };
  stages: StageReport[];
  /** All stages that are no warm-up. */
  figures: FiguresData;
  thresholds: ThresholdResult[];
  samples: LoadSample[];
  /** The first failures of each cause, with all that is known of them. */
  failures: LoadFailure[];
  /** Planned starts of processes or shards that did not live to report them. */
  lostStarts?: number;
  /** Of stages with a fixed number of calls: seconds of calls that were missing because a machine was lost. */
  lostCallSeconds?: number;
  /** The machines of a fleet. */
  workers?: LoadWorker[];
}

/** Share of the planned starts, and of the calls at once, that may be lost, of a run that is judged. */
const MOST_LOST = 0.01;

/** What machines took along that were lost. */
export interface LostLoad {
  starts: number;
  /** Seconds of calls of stages with a fixed number of them, and how many there were to be. */
  callSeconds?: number;
  plannedCallSeconds?: number;
}

/** The status of a run: a stage that must not be judged outweighs every threshold. */
export function statusOf(
  end: LoadEnd,
  stages: readonly StageReport[],
  thresholds: readonly ThresholdResult[],
  { starts, callSeconds = 0, plannedCallSeconds = 0 }: LostLoad = { starts: 0 },
): LoadStatus {
  if (end === 'probe-failed') return 'failed';
  if (starts > MOST_LOST * (starts + plannedOf(stages))) return 'not-judged';
  if (callSeconds > MOST_LOST * plannedCallSeconds) return 'not-judged';
  if (stages.some((stage) => !stage.warmUp && stage.verdict.kind === 'generator-limited'))
    return 'not-judged';
  if (end === 'aborted') return 'failed';
  return thresholds.every(({ ok }) => ok) ? 'passed' : 'failed';
}

/**
 * One report of several shards of a plan: counters and histograms add up, and thresholds are judged again. A stage that
 * one shard could not carry is not judged.
 *
 * @throws SipflowError BAD_REPORT for reports of different plans, or a shard that is there twice
 */
export function mergeLoadReports(reports: readonly LoadReport[]): LoadReport {
  const [first] = reports;
  if (!first) throw new SipflowError('BAD_REPORT', 'There is no report to merge.');
  const shards = new Set<number>();
  for (const report of reports) {
    if (JSON.stringify(report.plan) !== JSON.stringify(first.plan)) {
      throw new SipflowError(
        'BAD_REPORT',
        'These reports are of different load plans, which cannot be merged.',
      );
    }
    for (const shard of report.shards) {
      if (shards.has(shard)) {
        throw new SipflowError('BAD_REPORT', `Shard ${shard + 1} of ${first.plan.shards} is there twice.`);
      }
      shards.add(shard);
    }
  }
  const stages = first.stages.map((_, index) => mergedStage(index, reports));
  const total = sumOf(reports.map(({ figures }) => figures));
  const thresholds = first.plan.expect.map((text) => judgeThreshold(parseThreshold(text), total));
  const end = worstEnd(reports);
  const lostStarts = reports.reduce((sum, report) => sum + (report.lostStarts ?? 0), 0);
  const lostCallSeconds = reports.reduce((sum, report) => sum + (report.lostCallSeconds ?? 0), 0);
  const plannedCallSeconds = lostCallSeconds === 0 ? 0 : callSecondsOf(parseStages(first.plan.stages));
  return {
    ...first,
    startedAt: reports.map(({ startedAt }) => startedAt).sort()[0],
    durationMs: Math.max(...reports.map(({ durationMs }) => durationMs)),
    shards: [...shards].sort((a, b) => a - b),
    status: statusOf(end.reason, stages, thresholds, {
      starts: lostStarts,
      callSeconds: lostCallSeconds,
      plannedCallSeconds,
    }),
    end,
    stages,
    figures: total.toJSON(),
    thresholds,
    samples: mergedSamples(reports),
    failures: mergedFailures(reports.map(({ failures }) => failures)),
    ...(lostStarts > 0 ? { lostStarts } : {}),
    ...(lostCallSeconds > 0 ? { lostCallSeconds } : {}),
  };
}

/**
 * The report of a shard whose process has ended before it could tell one: the latest that is known, with what was planned
 * and is not in it as lost.
 *
 * @param planned starts of the shard
 */
export function lostReport(latest: LoadReport, planned: number, message: string): LoadReport {
  const lostStarts = Math.max(0, planned - plannedOf(latest.stages));
  const end = { reason: 'process-lost', message } as const;
  return mergeLoadReports([{ ...latest, end, ...(lostStarts > 0 ? { lostStarts } : {}) }]);
}

/** Starts that were due, whether they happened or not. */
function plannedOf(stages: readonly StageReport[]): number {
  return stages.reduce((sum, { figures }) => sum + figures.counters.started + figures.counters.leftOut, 0);
}

/** A shard of a plan as its reports name it. */
export function shardName({ index, count }: Shard): string {
  return `${index + 1}/${count}`;
}

function mergedStage(index: number, reports: readonly LoadReport[]): StageReport {
  const same = reports.map(({ stages }) => stages[index]);
  const [stage] = same;
  const worst =
    same.find(({ verdict }) => verdict.kind === 'generator-limited') ??
    same.find(({ verdict }) => verdict.kind !== 'judged') ??
    stage;
  const verdict = { kind: worst.verdict.kind, reasons: mergedReasons(index, reports) };
  return { ...stage, verdict, figures: sumOf(same.map(({ figures }) => figures)).toJSON() };
}

/** The reasons of a stage, each with the shards that gave it; those of reports that were merged before have them. */
function mergedReasons(index: number, reports: readonly LoadReport[]): string[] {
  const shardsOf = new Map<string, number[]>();
  for (const { shards, stages } of reports) {
    for (const reason of stages[index].verdict.reasons) {
      const known = shardsOf.get(reason) ?? [];
      shardsOf.set(reason, shards.length === 1 ? [...known, shards[0] + 1] : known);
    }
  }
  const isAlone = reports.length === 1;
  const { shards: count } = reports[0].plan;
  return [...shardsOf].map(([reason, shards]) => {
    if (isAlone || shards.length === 0) return reason;
    const who = shards.length === 1 ? 'Shard' : 'Shards';
    return `${who} ${shards.sort((a, b) => a - b).join(', ')} of ${count}: ${reason}`;
  });
}

function sumOf(all: readonly FiguresData[]): LoadFigures {
  const sum = new LoadFigures();
  for (const figures of all) sum.merge(LoadFigures.from(figures));
  return sum;
}

const ENDS: readonly LoadEnd[] = ['probe-failed', 'aborted', 'interrupted', 'process-lost', 'completed'];

function worstEnd(reports: readonly LoadReport[]): LoadReport['end'] {
  const ends = reports.map(({ end }) => end);
  for (const reason of ENDS) {
    const found = ends.find((end) => end.reason === reason);
    if (found) return found;
  }
  return { reason: 'completed' };
}

/** Samples of the same time and length are added; percentiles cannot be, so the worst one stands for all. */
function mergedSamples(reports: readonly LoadReport[]): LoadSample[] {
  const merged = new Map<string, LoadSample>();
  for (const sample of reports.flatMap(({ samples }) => samples)) {
    const key = `${sample.atMs} ${sample.seconds}`;
    const known = merged.get(key);
    merged.set(key, known ? addedSamples(known, sample) : { ...sample });
  }
  return [...merged.values()].sort((a, b) => a.atMs - b.atMs);
}
