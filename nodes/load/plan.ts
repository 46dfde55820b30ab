import { type LoadPlan, parseStages, parseThreshold, usualCalls } from '../../lib/load';
import type { TestCase } from '../../lib/testing';
import type { StoredFields } from '../shared/stored-fields';
import type { loadFields } from './fields';

/** Seconds beyond the time of a case that the last ones of a run have to end. */
const GRACE_SECONDS = 10;

/** What a node is to do, without what only its case knows. */
export type Settings = Pick<LoadPlan, 'stages' | 'total' | 'rowsOrder' | 'seed' | 'thresholds' | 'probe'> & {
  maxCalls: number | undefined;
};

/** The values of a node as it stores them. Throws BAD_CONFIG. */
export function settingsOf(fields: StoredFields<(typeof loadFields)['fields']>): Settings {
  const total = fields.numberIfAny('total');
  return {
    stages: parseStages(fields.plainText('stages')),
    maxCalls: fields.numberIfAny('maxCalls'),
    rowsOrder: fields.choice('rowsOrder'),
    seed: fields.numberIfAny('seed') ?? 1,
    thresholds: fields.entries('expect').map(parseThreshold),
    probe: fields.flag('probe'),
    ...(total === undefined ? {} : { total }),
  };
}

/** The plan of a run of a case in this process; what is not given is as usual. */
export function planOf(
  { maxCalls, ...given }: Pick<Settings, 'stages' | 'thresholds'> & Partial<Settings>,
  { timeout }: Pick<TestCase, 'timeout'>,
): Omit<LoadPlan, 'rows' | 'title'> {
  return {
    rowsOrder: 'sequential',
    seed: 1,
    probe: true,
    ...given,
    maxCalls: maxCalls ?? usualCalls(given.stages, timeout),
    abortRules: [],
    shard: { index: 0, count: 1 },
    graceSeconds: timeout + GRACE_SECONDS,
    sources: 1,
  };
}
