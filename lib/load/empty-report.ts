import { systemClock } from '../common';
import type { LoadPlan } from './plan';
import type { LoadReport } from './report';
import { LoadRun } from './run';

/** The report of a run that did not begin. */
export function emptyLoadReport(plan: LoadPlan): LoadReport {
  const host = {
    start: () => Promise.reject(new Error('It does not run.')),
    health: () => ({}),
    endCalls: () => Promise.resolve(),
  };
  return new LoadRun(plan, host, systemClock).soFar;
}
