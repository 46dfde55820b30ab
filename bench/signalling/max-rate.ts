import { rounded } from './figures';
import type { Load, LoadReport } from './load';

/** Which rates are tried, calls per second. */
export interface Search {
  first: number;
  step: number;
  last: number;
  /** Length of each attempt. */
  seconds: number;
}

/** The share of the rate that must be reached for it to count. */
const REACHED = 0.9;

/**
 * Raises the rate until calls fail or the rate is no longer reached.
 *
 * @param put puts one load on whatever is measured
 * @returns the highest rate without a failure, 0 when there is none
 */
export async function findMaxRate(
  name: string,
  { first, step, last, seconds }: Search,
  put: (load: Load) => Promise<LoadReport>,
): Promise<number> {
  let highest = 0;
  for (let rate = first; rate <= last; rate += step) {
    const report = await put({ rate, calls: rate * seconds });
    const reached = (report.calls / report.elapsedMs) * 1000;
    console.log(
      `${name} at ${rate} calls per second: ${report.failures} failures, ` +
        `${report.retransmissions} retransmissions, ${rounded(reached)} per second reached`,
    );
    if (report.failures > 0 || !(reached >= rate * REACHED)) break;
    highest = rate;
  }
  return highest;
}
