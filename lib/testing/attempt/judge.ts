import { claimText, valueText } from '../../evidence';
import type { Attempt, Check, Leak, NodeName, Reason, Step } from '../types';
import { cut, RUNNING } from './attempt-log';
import type { Ending } from './state';

/** Codes of reasons, besides those of errors that a test did not handle. */
export const TEST_REASONS = [
  /** A check of severity `error` failed. */
  'CHECK_FAILED',
  /** The test end says so. */
  'TEST_FAILED',
  'TEST_SKIPPED',
  /** No verdict came in time. */
  'TEST_TIMEOUT',
  /** Something was not given back at the test end. */
  'LEAK',
  /** The run was stopped, or the test case is gone. */
  'STOPPED',
  /** The worker of a fleet that ran it was lost. */
  'WORKER_LOST',
  /** A warning: the test passed, but it has checked nothing. */
  'NO_CHECKS',
] as const;

export type TestReason = (typeof TEST_REASONS)[number];

/** Characters of a value in a reason. */
const LONG_VALUE = 200;

/** What is known of an attempt when it is judged. */
export interface Findings {
  ending: Ending;
  /** Milliseconds since the attempt began. */
  endedAtMs: number;
  checks: readonly Check[];
  leaks: readonly Leak[];
  latest: Step | undefined;
}

/** Status of an attempt and the reason for it. */
export function judge(findings: Findings): Pick<Attempt, 'status' | 'reason'> {
  const { ending, endedAtMs, checks, leaks, latest } = findings;
  const reason = (code: string, message: string, node?: NodeName, atMs = endedAtMs): Reason => ({
    code,
    message: cut(message),
    ...(node ? { node } : {}),
    atMs,
  });
  const checkFailed = (check: Check): Reason =>
    reason('CHECK_FAILED', failureText(check), check.node, check.atMs);

  switch (ending.by) {
    case 'check':
      return { status: 'failed', reason: checkFailed(ending.check) };
    case 'error':
      return { status: 'failed', reason: reason(ending.code, ending.message, ending.node) };
    case 'timeout':
      return {
        status: 'failed',
        reason: reason('TEST_TIMEOUT', silence(ending.timeoutMs, latest), latest?.node),
      };
    case 'stop':
      return { status: 'failed', reason: reason('STOPPED', ending.message) };
  }
  const { result, node } = ending;
  if (result === 'failed') {
    return {
      status: 'failed',
      reason: reason('TEST_FAILED', ending.reason || 'The test end says that the test has failed.', node),
    };
  }
  if (leaks.length > 0) {
    const more = leaks.length > 1 ? ` There are ${leaks.length - 1} more.` : '';
    return { status: 'failed', reason: reason('LEAK', leaks[0].what + more, node) };
  }
  if (result === 'skipped') {
    return {
      status: 'skipped',
      reason: reason('TEST_SKIPPED', ending.reason || 'The test end says that the test was skipped.', node),
    };
  }
  const failed = checks.find(({ ok, severity }) => !ok && severity === 'error');
  if (failed) return { status: 'failed', reason: checkFailed(failed) };
  if (checks.length > 0) return { status: 'passed' };
  return {
    status: 'passed',
    reason: reason('NO_CHECKS', 'The test came to its end, but it has checked nothing.', node),
  };
}

/** `Expected codec is PCMU, got PCMA.` */
export function failureText(check: Check): string {
  const got = check.got === undefined ? 'nothing' : valueText(check.got, LONG_VALUE);
  return `Expected ${claimText(check, LONG_VALUE)}, got ${got}.`;
}

/** `No verdict came within 60 s. The last step was "Play welcome" (sip-play-audio), which still runs.` */
function silence(timeoutMs: number, latest: Step | undefined): string {
  const limit = `No verdict came within ${timeoutMs / 1000} s.`;
  if (!latest) return `${limit} There was no step at all.`;
  const outcome = latest.outcome === RUNNING ? 'which still runs' : `with the outcome "${latest.outcome}"`;
  return `${limit} The last step was ${stepName(latest.node)}, ${outcome}.`;
}

/** `"Play welcome" (sip-play-audio)`, or the type alone when there is no name. */
export function stepName({ name, type }: NodeName): string {
  return name === '' ? type : `"${name}" (${type})`;
}
