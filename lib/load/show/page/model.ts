import type { Check, Reason } from '../../../testing';
import type { Ladder } from '../../../evidence';
import type { CounterName, DistributionName } from '../../figures';
import type { LoadReport } from '../../report';
import type { LoadSample } from '../../samples';
import type { SessionRatios } from '../../session-ratios';
import type { StageVerdict } from '../../stage-verdict';
import type { ThresholdResult } from '../../thresholds';

/** All that the page of a load run shows. */
export interface LoadPage extends Pick<
  LoadReport,
  | 'startedAt'
  | 'durationMs'
  | 'plan'
  | 'shards'
  | 'status'
  | 'end'
  | 'lostStarts'
  | 'lostCallSeconds'
  | 'workers'
> {
  title: string;
  /** As the browser likes it when absent. */
  language?: 'en' | 'ko';
  stages: PageStage[];
  counters: Record<CounterName, number>;
  ratios: SessionRatios;
  distributions: PageDistribution[];
  causes: [cause: string, count: number][];
  thresholds: ThresholdResult[];
  samples: LoadSample[];
  failures: PageFailure[];
}

export interface PageStage {
  text: string;
  warmUp: boolean;
  beginMs: number;
  endMs: number;
  verdict: StageVerdict;
  counters: Record<CounterName, number>;
  setupP95Ms?: number;
}

/** A distribution in its unit. */
export interface PageDistribution {
  name: DistributionName;
  unit: string;
  count: number;
  p50: number;
  /** The values of which 5 and 1 in 100 are worse: p95 and p99; of MOS, whose low end is the bad one, p5 and p1. */
  worst5: number;
  worst1: number;
  min: number;
  max: number;
  mean: number;
}

/** A failed case with its evidence. */
export interface PageFailure {
  atMs: number;
  stage: number;
  cause: string;
  title: string;
  row?: number;
  reason?: Reason;
  /** The first check that failed. */
  check?: Check;
  ladder: Ladder;
  /** Whether the texts of the messages were left out, so that the page stays small. */
  withoutTexts?: boolean;
}
