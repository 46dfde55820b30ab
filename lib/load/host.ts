import type { GeneratorHealth } from './health';
import type { LoadFailure } from './kept-failures';
import type { LoadOutcome } from './outcome';
import type { LoadSample } from './samples';
import type { LoadSlice } from './slices';

/** A start that a host carries out. */
export interface LoadStart {
  /** Number in the whole run, from 0; the same on every shard. The probe has the first number of its shard as well. */
  number: number;
  row?: number;
  stage: number;
  probe: boolean;
}

/** What carries out the cases of a run. */
export interface LoadHost {
  /** Runs a case to its verdict. A rejection counts as a failure with cause INTERNAL. */
  start(start: LoadStart): Promise<LoadOutcome>;
  /** What the generator says of itself since it was last asked. @param isLast it is not asked again */
  health(isLast?: boolean): GeneratorHealth;
  /** Ends the calls that stand, properly. */
  endCalls(): Promise<void>;
  /** The first failures of each cause. */
  failures?(): LoadFailure[];
  /**
   * Called after the probe: when the run is to begin, in milliseconds since the Unix epoch; at once when undefined. What
   * would have been before now is left out.
   */
  ready?(): Promise<number | undefined>;
  /** A second of the run is over. */
  sampled?(sample: LoadSample): void;
  /** The time of a slice is over, and its starts were made. */
  sliceOver?(slice: LoadSlice): void;
}
