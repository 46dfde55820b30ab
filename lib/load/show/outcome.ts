import type { LoadReport, LoadStatus } from '../report';
import type { StageVerdictKind } from '../stage-verdict';

/** The status as it is shown: a run that is not judged has its own words when no generator was the limit. */
export type LoadOutcomeName = LoadStatus | 'part-lost';

/** What is needed of a report or its page. */
interface Judged extends Pick<LoadReport, 'status'> {
  stages: readonly { warmUp: boolean; verdict: { kind: StageVerdictKind } }[];
}

export function outcomeName({ status, stages }: Judged): LoadOutcomeName {
  if (status !== 'not-judged') return status;
  const isLimited = stages.some(({ warmUp, verdict }) => !warmUp && verdict.kind === 'generator-limited');
  return isLimited ? status : 'part-lost';
}
