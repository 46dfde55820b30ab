import type { Failure } from '../../common';
import { reasonPhrase } from '../../sip';
import type { SipReport } from '../types';

/** Failure of one target. */
export interface TargetFailure {
  sip: SipReport;
  failure: Failure;
}

/** No attempt was made: the call has been handed on too often. */
export const TOO_MANY_HOPS: TargetFailure = {
  sip: { event: 'failed', status: 483, reason: 'Too Many Hops' },
  failure: {
    code: 'CALL_REJECTED',
    message:
      'The call has been handed on too often (Max-Forwards is 0): it goes round in a loop. Look at the targets of the systems that it passes.',
  },
};

/**
 * The failure that speaks for all (RFC 3261, 16.7, 6): a 6xx, else the lowest class, of these the first. One without a
 * response comes last. There must be one.
 */
export function bestFailure(failures: readonly TargetFailure[]): TargetFailure {
  return failures.reduce((best, each) => (rank(each) < rank(best) ? each : best));
}

/**
 * Response to the first call for the failure of the second one. What is between us and the target only is not passed on: a
 * redirection that was not followed becomes 480, a challenge, a 503 (RFC 3261, 16.7, 6) and a fault of our own 500.
 */
export function responseFor({ status = 0, reason }: SipReport): { status: number; reason?: string } {
  if (status >= 300 && status < 400) return { status: 480 };
  if (status < 400 || [401, 407, 503].includes(status)) return { status: 500 };
  return { status, ...(reason === undefined ? {} : { reason }) };
}

/** The same as Reason of a BYE (RFC 3326), for a first call that is answered. */
export function reasonFor(sip: SipReport): string {
  const { status } = responseFor(sip);
  return `SIP;cause=${status};text="${reasonPhrase(status)}"`;
}

function rank({ sip: { status = 0 } }: TargetFailure): number {
  if (status < 300) return 10;
  return status >= 600 ? 0 : Math.floor(status / 100);
}
