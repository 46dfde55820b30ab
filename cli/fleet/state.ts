import type { LoadSample } from '../../lib/load';
import type { CaseInfo } from '../runtime/protocol';
import type { RunningUnit } from './test-job';

/** What a worker says of itself, some times a second. */
export interface WorkerState {
  name: string;
  /** Of this process: another one with the name is another worker. */
  token: string;
  version: string;
  nodeVersion: string;
  nodeRed: string;
  host: string;
  labels: Record<string, string>;
  /** By the clock of the server, milliseconds since the epoch. */
  at: number;
  /** How far its clock is behind that. */
  offsetMs: number;
  phase: WorkerPhase;
  /** The run that it does something for. */
  run?: string;
  /** Why it refused the run, or what went wrong. */
  sentence?: string;
  /** Test cases of the flows, once they run. */
  cases?: readonly CaseInfo[];
  advice?: readonly string[];
  /** The latest seconds of a load. */
  samples?: readonly LoadSample[];
  /** The test case that runs. */
  testing?: RunningUnit | undefined;
}

/** `idle`, then in this order; `refused` and `done` wait for the end of the run. `left`: it was stopped. */
export type WorkerPhase =
  'idle' | 'opening' | 'opened' | 'preparing' | 'prepared' | 'running' | 'done' | 'refused' | 'left';

/** What the coordinator of a run wants of a worker. */
export interface Claim {
  run: string;
  /** The process that is meant. */
  token: string;
  /** Part of the worker among `slots`, from 0. */
  slot: number;
  slots: number;
  order: 'open' | 'prepare' | 'go' | 'abort' | 'leave';
  /** When the load begins, by the clock of the server. */
  beginAt?: number;
}

/** Names of keys in Redis. */
export const KEYS = {
  workers: 'sipflow:workers',
  worker: (name: string) => `sipflow:worker:${name}`,
  claim: (name: string) => `sipflow:claim:${name}`,
  run: (run: string) => `sipflow:run:${run}`,
  job: (run: string) => `sipflow:run:${run}:job`,
  progress: (run: string) => `sipflow:run:${run}:progress`,
  coordinator: (run: string) => `sipflow:run:${run}:coordinator`,
  slices: (run: string) => `sipflow:run:${run}:slices`,
  report: (run: string, slot: number) => `sipflow:run:${run}:report:${slot}`,
  blob: (hash: string) => `sipflow:blob:${hash}`,
  chunk: (hash: string, index: number) => `sipflow:blob:${hash}:${index}`,
} as const;

/** Prefix of what BullMQ keeps. */
export const QUEUE_PREFIX = 'sipflow:queue';

/** Queue of the slices of one worker of a run. */
export function sliceQueue(run: string, slot: number): string {
  return `slices-${run}-${slot}`;
}

/** Times in milliseconds. */
export const TIMES = {
  /** Between two states of a worker. */
  beat: 500,
  /** A worker that has said nothing for so long gets nothing. */
  stale: 4000,
  /** Redis that has not answered for so long was away. */
  silence: 2000,
  /** A run whose workers are all gone waits so long for one of them. */
  alone: 75_000,
  /** Redis forgets the state of a worker after so long. */
  state: 15_000,
  /** Redis forgets a claim, or that a coordinator is there, which was not renewed. */
  claim: 15_000,
  coordinator: 8000,
  /** A worker goes on without a coordinator for so long. */
  orphan: 120_000,
} as const;

/** Redis forgets what belongs to a run after so many seconds, when nobody renews it. */
export const RUN_SECONDS = 86_400;
