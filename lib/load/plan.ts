import { SipflowError } from '../common';
import { RowOrder, type RowsOrder } from './rows';
import { type Shard, totalStarts } from './schedule';
import type { Stage } from './stages';
import type { Threshold } from './thresholds';

/** What a load run is to do. */
export interface LoadPlan {
  /** Title of the case. */
  title: string;
  stages: readonly Stage[];
  /** Cases at once of this shard; a start beyond it is left out. */
  maxCalls: number;
  /** Starts of all shards after which the run ends, whatever its stages say. */
  total?: number;
  /** Rows of the table; 0 = none. */
  rows: number;
  rowsOrder: RowsOrder;
  /** Of the draw of rows. */
  seed: number;
  /** What the run must meet to pass. */
  thresholds: readonly Threshold[];
  /** Rules that end the run when they are not met. */
  abortRules: readonly Threshold[];
  /** One case first; a run whose first case fails does not start. */
  probe: boolean;
  shard: Shard;
  /** The starts come in slices while the run goes on, instead of all that are the shard's. */
  sliced?: true;
  /** Seconds that the cases of the last starts have to end. */
  graceSeconds: number;
  /** Addresses that the calls come from. */
  sources: number;
}

/**
 * Checks a plan before it runs.
 *
 * @throws SipflowError BAD_CONFIG with the field that is wrong
 */
export function assertPlan(plan: LoadPlan): void {
  const { maxCalls, total, shard, rows, rowsOrder, seed, stages } = plan;
  assertWhole('maxCalls', maxCalls, 1, 1_000_000);
  if (total !== undefined) assertWhole('total', total, 1, 1_000_000_000);
  assertWhole('seed', seed, 0, 0xffff_ffff);
  if (!(shard.count >= 1 && shard.index >= 0 && shard.index < shard.count)) {
    throw new SipflowError('BAD_CONFIG', `There is no shard ${shard.index + 1} of ${shard.count}.`, {
      field: 'shard',
    });
  }
  for (const stage of stages) {
    if (stage.kind !== 'calls' || stage.calls <= maxCalls * shard.count) continue;
    throw new SipflowError(
      'BAD_CONFIG',
      `The stage "${stage.text}" wants ${stage.calls} calls at once, and maxCalls allows ${maxCalls}: raise it.`,
      { field: 'maxCalls' },
    );
  }
  const starts = Math.min(totalStarts(stages), total ?? Infinity);
  new RowOrder(rows, rowsOrder, seed).assertEnough(starts);
}

function assertWhole(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new SipflowError(
    'BAD_CONFIG',
    `${field} must be a whole number from ${least} to ${most}, not ${value}.`,
    {
      field,
    },
  );
}
