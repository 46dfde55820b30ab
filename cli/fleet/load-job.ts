import type { LoadJob, RunNeeds } from '../runtime/protocol';
import type { Bundle } from './bundle';
import type { FleetTests } from './test-job';

/** A run of a fleet, as Redis keeps it for the workers. */
export interface FleetRun {
  /** Of the package: workers of another version refuse. */
  version: string;
  bundles: Bundle[];
  /** Its test cases run once, shared by the workers; absent for a load. */
  tests?: FleetTests | undefined;
  /** What each worker must have. */
  needs?: RunNeeds | undefined;
}

/** The load of a worker; what differs from worker to worker is in its slot. */
export interface FleetLoad {
  /** Id of the test case. */
  case: string;
  job: LoadJob;
  slot: number;
}
