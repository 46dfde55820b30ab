import { LoadFigures } from './figures';
import type { LoadFailure } from './kept-failures';
import type { LoadPlan } from './plan';
import { type LoadReport, type StageReport, statusOf } from './report';
import type { LoadSample } from './samples';
import { stageSpans } from './schedule';
import { StageLog } from './stage-log';
import { judgeThreshold } from './thresholds';

/** What is known of a run at a moment. */
export interface RunState {
  plan: LoadPlan;
  /** Of its stages in order. */
  logs: readonly StageLog[];
  /** Milliseconds since the Unix epoch. */
  beganAt: number;
  durationMs: number;
  end: LoadReport['end'];
  samples: LoadSample[];
  failures: LoadFailure[];
}

/** The report of a run as if it ended now. */
export function runReport({ plan, logs, beganAt, durationMs, end, samples, failures }: RunState): LoadReport {
  const figures = judgedFigures(logs);
  const stages = stageReports(logs, plan.sources);
  const thresholds = plan.thresholds.map((threshold) => judgeThreshold(threshold, figures));
  return {
    format: 'sipflow-load/1',
    startedAt: new Date(beganAt).toISOString(),
    durationMs: Math.round(durationMs),
    plan: {
      title: plan.title,
      stages: plan.stages.map(({ text }) => text).join(', '),
      rows: plan.rows,
      rowsOrder: plan.rowsOrder,
      seed: plan.seed,
      expect: plan.thresholds.map(({ text }) => text),
      shards: plan.shard.count,
    },
    shards: [plan.shard.index],
    status: statusOf(end.reason, stages, thresholds),
    end,
    stages,
    figures: figures.toJSON(),
    thresholds,
    samples,
    failures,
  };
}

/** The report of a run that did not begin. */
export function emptyLoadReport(plan: LoadPlan): LoadReport {
  const logs = stageSpans(plan.stages).map((span) => new StageLog(span));
  return runReport({
    ...{ plan, logs, beganAt: 0, durationMs: 0 },
    ...{ end: { reason: 'completed' }, samples: [], failures: [] },
  });
}

/** Figures of all stages that are no warm-up. */
export function judgedFigures(logs: readonly StageLog[]): LoadFigures {
  const sum = new LoadFigures();
  for (const { figures, span } of logs) if (!span.stage.warmUp) sum.merge(figures);
  return sum;
}

function stageReports(logs: readonly StageLog[], sources: number): StageReport[] {
  let calmSetupMs: number | undefined;
  return logs.map((log) => {
    const { span, figures } = log;
    const verdict = log.verdict(calmSetupMs, sources);
    if (figures.counter('failed') === 0) calmSetupMs ??= figures.distribution('setup').quantile(0.95);
    const { text, warmUp } = span.stage;
    return { text, warmUp, beginMs: span.beginMs, endMs: span.endMs, verdict, figures: figures.toJSON() };
  });
}
