import type { JitterBufferCounts } from './types';

/** Counts of a buffer that has seen nothing. */
export function noCounts(): JitterBufferCounts {
  return {
    inTime: 0,
    late: 0,
    duplicates: 0,
    discarded: 0,
    other: 0,
    reordered: 0,
    lost: 0,
    concealed: 0,
    restarts: 0,
  };
}

/** Adds the counts of one buffer to a sum. */
export function addCounts(sum: JitterBufferCounts, counts: JitterBufferCounts): void {
  for (const name of Object.keys(sum) as (keyof JitterBufferCounts)[]) sum[name] += counts[name];
}
