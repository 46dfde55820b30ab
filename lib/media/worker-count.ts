import { availableParallelism } from 'node:os';

const MAX_DEFAULT_WORKERS = 4;
const MAX_WORKERS = 32;

/**
 * How many media workers an engine runs: what the caller says, else `SIPFLOW_MEDIA_WORKERS`, else one less
 * than the cores (Node-RED keeps one), at least 1 and at most 4.
 */
export function mediaWorkerCount(
  requested?: number,
  environment: NodeJS.ProcessEnv = process.env,
  cores: number = availableParallelism(),
): number {
  const wanted = requested ?? Number(environment.SIPFLOW_MEDIA_WORKERS ?? NaN);
  if (Number.isInteger(wanted) && wanted >= 1) return Math.min(wanted, MAX_WORKERS);
  return Math.max(1, Math.min(cores - 1, MAX_DEFAULT_WORKERS));
}
