import { TEST_LIMITS } from '../testing';
import type { Stage } from './stages';

/** Cases at once when nothing says how many: as many as run when each takes its whole time, within these. */
const LEAST = 50;
const MOST = 10_000;
/**
 * Seconds in which a case ends after its time is over: its calls are hung up, which takes some time where the other side is
 * gone. Without them a system that dies would look like a generator that has no room for its starts.
 */
const ENDING_SECONDS = TEST_LIMITS.concludeMs / 1000 + 1;

/** Cases at once that stages need when nothing says how many there may be. @param caseSeconds longest time of a case */
export function usualCalls(stages: readonly Stage[], caseSeconds: number): number {
  const wanted = stages.map((stage) =>
    stage.kind === 'calls'
      ? stage.calls
      : Math.min(MOST, Math.ceil(Math.max(stage.from, stage.to) * (caseSeconds + ENDING_SECONDS))),
  );
  return Math.max(LEAST, ...wanted);
}
