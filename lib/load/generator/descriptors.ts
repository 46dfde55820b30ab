import { openFilesLimit } from './proc-text';
import { systemFiles } from './generator-watch';

/** Files and sockets of a process beside those of its calls. */
const OTHERS = 200;
/** A call has a socket for RTP and one for RTCP. */
const OF_A_CALL = 2;

/**
 * Calls at once for which the process has descriptors.
 *
 * @param callsPerCase calls of this process that a case makes and takes
 * @returns Infinity when there is no limit, or it is not known
 */
export function casesWithinLimit(
  callsPerCase: number,
  limits = systemFiles.read('/proc/self/limits'),
): number {
  const limit = openFilesLimit(limits ?? '');
  return limit === undefined
    ? Infinity
    : Math.max(0, Math.floor((limit - OTHERS) / (OF_A_CALL * callsPerCase)));
}

/** Why so many cases at once cannot run, with the number that is needed; undefined when they can. */
export function descriptorFault(
  cases: number,
  callsPerCase: number,
  limits = systemFiles.read('/proc/self/limits'),
): string | undefined {
  if (cases <= casesWithinLimit(callsPerCase, limits)) return undefined;
  const needed = cases * callsPerCase * OF_A_CALL + OTHERS;
  return `A process may open ${openFilesLimit(limits ?? '')} files here, and ${cases} cases at once need ${needed}: raise the limit (ulimit -n ${needed}), take fewer at once (--max-calls), or more processes (--processes).`;
}
