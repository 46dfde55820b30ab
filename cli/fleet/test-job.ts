import type { LostTry, Verdict } from '../../lib/testing';
import type { CaseInfo } from '../runtime/protocol';
import type { Keep } from '../test/options';
import type { Row } from '../test/plan';

/** The tests of a run, as Redis keeps them for the workers. */
export interface FleetTests {
  retries?: number | undefined;
  /** Seconds. */
  timeout?: number | undefined;
  failFast?: true | undefined;
  record: Keep;
  pcap?: Keep | undefined;
}

/** A row of a case of a flow file of the run. */
export interface FleetUnit {
  /** Names it within the run. */
  key: string;
  /** Place of the flow file among the bundles of the run. */
  file: number;
  info: CaseInfo;
  row: Row;
}

/** What a worker takes from the queue. */
export type TestJob =
  /** Name the test cases of flow files. */
  (
    | { kind: 'list'; files: readonly number[] }
    /** Run these, one after the other. */
    | { kind: 'run'; units: readonly FleetUnit[] }
  ) & {
    /** Its flows are closed afterwards: their numbers may be registered elsewhere next. */
    isWhole: boolean;
    keepsPorts: boolean;
  };

/** What a worker tells of a unit, or of the cases of a file. */
export interface TestResult {
  /** Of the unit, or `fileKey`. */
  key: string;
  /** Name of the worker. */
  worker: string;
  /** Test cases of the file. */
  cases?: readonly CaseInfo[];
  /** Outcome of the unit; absent when it could not be run, was stopped, or is not tried again. */
  verdict?: Verdict;
  /** Tries of the unit before this one. */
  lost: readonly LostTry[];
  /** Why it could not be run. */
  problem?: string;
  /** What Node-RED and the flow printed. */
  log: readonly string[];
  /** Files that the verdict names; what is stored under `id` belongs at `path` in the output folder. */
  files: readonly { path: string; id: string }[];
}

/** A unit that a worker runs, as its state shows it. */
export interface RunningUnit {
  key: string;
  startedAt: string;
  attempt: number;
  /** Latest step. */
  step?: { node: { id: string; name: string; type: string }; outcome: string };
}

/** Key of the result that has the cases of a file. */
export function fileKey(file: number): string {
  return `file ${file}`;
}

/** How often a unit is tried when workers are lost. */
export const MOST_TRIES = 2;
