import type { Verdict } from '../testing';

/** A failed case of a run with its evidence; a report keeps the first few of each cause. */
export interface LoadFailure {
  /** Milliseconds since the beginning of the run at which the case began. */
  atMs: number;
  /** Index of its stage. */
  stage: number;
  cause: string;
  verdict: Verdict;
}

/** Failed cases of one cause whose evidence a report keeps. */
export const FAILURES_PER_CAUSE = 3;
/** Failed cases whose evidence a report keeps in all. */
export const FAILURES_KEPT = 20;
