import type { ReceivedResponse } from './responses';
import type { Expectation, TortureCase } from './types';

/** Reaction of a user agent to a case. */
export interface Observation {
  /** Final responses that reached the sender before the next request was answered. */
  responses: ReceivedResponse[];
  /** The call that reached the application, if one did. */
  call?: { calledUser: string; requestUri: string };
  /** Status with which the application answered the call. */
  callStatus: number;
  /** Whether the user agent closed the connection afterwards. */
  closed?: boolean;
}

/** `right`: the best answer. `practice`: another one that the RFC allows and common practice gives. */
export type Verdict = { kind: 'right' | 'practice'; answer: string } | { kind: 'wrong'; reasons: string[] };

/** Judges an observation: the answer, that there is exactly one, and its echoes. */
export function judge(torture: TortureCase, seen: Observation): Verdict {
  const answer = describe(seen);
  const missing = missingEchoes(torture, seen);
  const faults = matchFaults(torture.expect, seen, true);
  if (faults.length + missing.length === 0) return { kind: 'right', answer };
  const others = [torture.expect, ...(torture.or ?? [])];
  const isAllowed = others.some((each) => matchFaults(each, seen, false).length === 0);
  if (isAllowed && missing.length === 0) return { kind: 'practice', answer };
  return { kind: 'wrong', reasons: [`answered ${answer}`, ...(isAllowed ? [] : faults), ...missing] };
}

/** `405 Method Not Allowed`, `call, 486 Busy Here`, `silence`, `400 Bad Request, closed` */
export function describe({ responses, call, closed }: Observation): string {
  const answers = responses.map(({ status, reason }) => `${status} ${reason}`).join(' and ');
  return [...(call ? ['call'] : []), answers || 'silence', ...(closed ? ['closed'] : [])].join(', ');
}

function missingEchoes(torture: TortureCase, { responses }: Observation): string[] {
  if (responses.length === 0) return [];
  return torture.echoes
    .filter((echo) => !responses[0].bytes.includes(echo))
    .map((echo) => `does not echo ${JSON.stringify(echo.toString())}`);
}

/** @param best only the first of several allowed statuses will do */
function matchFaults(expected: Expectation, seen: Observation, best: boolean): string[] {
  const { responses, call, callStatus } = seen;
  if (expected.kind === 'silence') {
    return [
      ...(responses.length > 0 ? ['expected silence'] : []),
      ...(call ? ['a call reached the application'] : []),
    ];
  }
  if (responses.length !== 1) return [`expected exactly one answer, got ${responses.length}`];
  const [response] = responses;
  if (expected.kind === 'call') {
    const faults: string[] = [];
    if (!call) faults.push('expected a call');
    if (response.status !== callStatus) faults.push(`expected the application's ${callStatus}`);
    if (expected.calledUser !== undefined && call?.calledUser !== expected.calledUser) {
      faults.push(`expected the called user ${expected.calledUser}, got ${call?.calledUser}`);
    }
    if (expected.requestUri !== undefined && call?.requestUri !== expected.requestUri) {
      faults.push(`expected the Request-URI ${expected.requestUri}, got ${call?.requestUri}`);
    }
    return faults;
  }
  const faults = call ? ['a call reached the application'] : [];
  const allowed = Array.isArray(expected.status) ? expected.status : [expected.status];
  if (!(best ? allowed.slice(0, 1) : allowed).includes(response.status))
    faults.push(`expected ${allowed.join(' or ')}`);
  for (const [name, pattern] of Object.entries(expected.headers ?? {})) {
    // Header fields are expected only of the best status.
    if (response.status !== allowed[0]) continue;
    const values = response.fields.filter(([field]) => field.toLowerCase() === name.toLowerCase());
    if (!pattern.test(values.map(([, value]) => value).join(', ')))
      faults.push(`expected ${name} like ${pattern}`);
  }
  return faults;
}
