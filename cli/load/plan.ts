import { assertPlan, type LoadPlan, type Stage, usualCalls } from '../../lib/load';
import { UsageError } from '../arguments';
import type { CaseInfo, LoadJob, ProcessShare } from '../runtime/protocol';
import type { LoadArguments } from './options';

/** Seconds beyond the time of a case that the last ones have to end. */
const GRACE_SECONDS = 10;

/** Processes of the command and the address of each. */
export function processShares({ processes, source, shard }: LoadArguments): ProcessShare[] {
  const count = processes ?? source?.length ?? 1;
  if (source && source.length > count) {
    throw new UsageError(
      `${source.length} addresses of --source need as many processes: leave --processes out, or say ${source.length}.`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const address = source?.[index % source.length];
    // A number is registered once in all; calls go out from everywhere.
    const isFirst = index === 0 && (shard?.index ?? 1) === 1;
    return {
      index,
      count,
      ...(address === undefined ? {} : { source: address }),
      ...(isFirst ? {} : { registers: false as const }),
    };
  });
}

/**
 * What one process is to do.
 *
 * @throws SipflowError BAD_CONFIG for a plan that makes no sense
 */
export function jobOf(options: LoadArguments, share: ProcessShare, testCase: CaseInfo): LoadJob {
  const { stages, total, seed, rowsOrder, rows, timeout, shard = { index: 1, of: 1 } } = options;
  const count = shard.of * share.count;
  const atOnce = options.maxCalls ?? usualCalls(stages, timeout ?? testCase.timeout);
  const plan: LoadJob['plan'] = {
    stages,
    maxCalls: Math.ceil(atOnce / count),
    ...(total === undefined ? {} : { total }),
    rowsOrder,
    seed,
    thresholds: options.expect ?? [],
    abortRules: options.abort ?? [],
    // The others wait for the first.
    probe: options.probe && share.index === 0,
    shard: { index: (shard.index - 1) * share.count + share.index, count },
    graceSeconds: (timeout ?? testCase.timeout) + GRACE_SECONDS,
    sources: options.source?.length ?? 1,
  };
  const known = rows === undefined ? testCase.rows.filter((row) => row !== null).length : 0;
  const whole: LoadPlan = { ...plan, title: testCase.title, rows: known };
  assertPlan(whole);
  return { plan, table: rows, timeout, isMaxCallsGiven: options.maxCalls !== undefined };
}

/** Seconds of all stages. */
export function lengthOf(stages: readonly Stage[]): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}
