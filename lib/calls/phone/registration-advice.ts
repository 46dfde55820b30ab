import type { RegistrationReport } from '../../sip';

/**
 * Final responses that a server may give to a phone that it does not know at the moment; none at all (408) and an
 * unreachable server (503) have the same cause as a registration that fails.
 */
const STATUSES: readonly number[] = [401, 403, 404, 407, 408, 480, 503];

/** A sentence for a call that failed while its phone was not registered; undefined when that cannot be the cause. */
export function registrationAdvice(
  status: number,
  registrar: string | undefined,
  report: RegistrationReport | undefined,
): string | undefined {
  if (registrar === undefined || !report || report.state === 'registered' || !STATUSES.includes(status)) {
    return undefined;
  }
  const why = report.error ? `: ${report.error.message}` : ' yet.';
  return `This phone is not registered at ${registrar}${why}`;
}
